namespace K3sToken.Kubernetes;

/// <summary>Where Core says what is no error. Called from any thread; texts never hold a secret.</summary>
public interface INotices
{
    /// <summary>Something the person must know.</summary>
    void Warn(string message);

    /// <summary>Something a person who looks for a cause wants to know.</summary>
    void Verbose(string message);
}
