using System;
using System.Linq;
using System.Management.Automation;
using K3sToken.Supervisor;

namespace K3sToken.PowerShell;

/// <summary>What the cmdlets that talk to a K3s supervisor share: finding it, and what to trust.</summary>
public abstract class SupervisorCommand : ConnectingCommand
{
    /// <summary>Seconds to wait for each request.</summary>
    [Parameter]
    [ValidateRange(1, 86400)]
    public int TimeoutSec { get; set; } = 10;

    /// <summary>How to reach servers.</summary>
    /// <param name="caCertificate">The file of CAs that the person trusts; null for none. One that cannot be used ends the command.</param>
    private protected SupervisorAccess Access(string? caCertificate)
    {
        SupervisorAccess access = new(TimeSpan.FromSeconds(TimeoutSec), Notices);
        try
        {
            return caCertificate is null ? access : access with { CACertificate = CAFile.Read(PathOf(caCertificate)) };
        }
        catch (K3sTokenException e)
        {
            ThrowTerminatingError(e.ToRecord(caCertificate));
            throw;
        }
    }

    /// <summary>The address of a server; null, after an error, where the text is none. The error does not name the text: people paste
    /// tokens into the wrong place.</summary>
    private protected Uri? AddressOf(string server)
    {
        try
        {
            return SupervisorAddress.Parse(server);
        }
        catch (K3sTokenException e)
        {
            Report(e, null);
            return null;
        }
    }

    /// <summary>The addresses of all servers, of the default one where none is named; null, after an error for each, where one is none.</summary>
    private protected Uri[]? AddressesOf(string[]? servers)
    {
        Uri?[] addresses = Array.ConvertAll(servers ?? [SupervisorAddress.Default], AddressOf);
        return addresses.Contains(null) ? null : [.. addresses.OfType<Uri>()];
    }

    /// <summary>A path of PowerShell's as one of the file system's.</summary>
    private protected string PathOf(string path) => SessionState.Path.GetUnresolvedProviderPathFromPSPath(path);

    /// <summary>Writes an error about one item; the command goes on.</summary>
    private protected void Report(K3sTokenException error, object? target) => WriteError(error.ToRecord(target));
}
