namespace K3sToken;

/// <summary>What a join command is to be run or read by.</summary>
public enum JoinCommandForm
{
    /// <summary>Lines for a POSIX shell, which install K3s and start it.</summary>
    Shell,

    /// <summary>A fragment of <c>/etc/rancher/k3s/config.yaml</c>.</summary>
    Config,

    /// <summary>A cloud-init document that writes that fragment and installs K3s.</summary>
    CloudInit,

    /// <summary>Variables for the install script, or for the environment file of K3s' systemd unit.</summary>
    Environment,
}
