using System;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks;
using K3sToken.Kubernetes;

namespace K3sToken.Supervisor;

/// <summary>The address of a server that was named, to be found among the nodes.</summary>
/// <param name="Name">The host, as it was written.</param>
/// <param name="Port">Its port.</param>
/// <param name="Addresses">The addresses that the name stands for; none where nobody knows.</param>
internal sealed record RotationHost(string Name, int Port, string[] Addresses)
{
    /// <summary>Looks its name up.</summary>
    public static async Task<RotationHost> FindAsync(Uri server)
    {
        try
        {
            IPAddress[] addresses = await Dns.GetHostAddressesAsync(server.IdnHost).ConfigureAwait(false);
            return new RotationHost(server.IdnHost, server.Port, Array.ConvertAll(addresses, address => address.ToString()));
        }
        catch (SocketException)
        {
            return new RotationHost(server.IdnHost, server.Port, []);
        }
    }

    /// <summary>Whether it leads to the node.</summary>
    public bool IsOf(NodeResource node) =>
        node.Addresses.Append(node.Name).Any(known => Is(known, Name) || Addresses.Any(address => Is(known, address)))
        || Name.StartsWith(node.Name + ".", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether both lead to the same server.</summary>
    public bool IsSameAs(RotationHost other) => Port == other.Port && (Is(Name, other.Name) || Addresses.Intersect(other.Addresses).Any());

    private static bool Is(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);
}
