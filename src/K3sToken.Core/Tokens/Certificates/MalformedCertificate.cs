namespace K3sToken.Tokens.Certificates;

/// <summary>The error for a certificate that K3s refuses to read, in K3s' own words.</summary>
internal static class MalformedCertificate
{
    public static void ThrowUnless(bool condition, string message)
    {
        if (!condition)
        {
            throw Because(message);
        }
    }

    public static K3sTokenException Because(string message) => new(ErrorId.ServerError, message);
}
