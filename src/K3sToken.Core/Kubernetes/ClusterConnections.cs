namespace K3sToken.Kubernetes { internal static class ClusterConnections { public static IKubernetesApi Open(ClusterContext c, INotices n, System.TimeSpan t) => throw new System.NotSupportedException(); } 
namespace Stub { } }
