using System.IO;
using System.Text;
using System.Text.Json;

namespace K3sToken.Kubernetes;

/// <summary>What an exec plugin is told of its task, in the environment variable <c>KUBERNETES_EXEC_INFO</c>.</summary>
internal static class ExecPluginInfo
{
    public static string Write(ExecPlugin plugin, ClusterContext context, bool isInteractive)
    {
        using MemoryStream json = new();
        using (Utf8JsonWriter writer = new(json))
        {
            writer.WriteStartObject();
            writer.WriteString("kind", "ExecCredential");
            writer.WriteString("apiVersion", plugin.ApiVersion);
            writer.WriteStartObject("spec");
            if (plugin.ProvideClusterInfo)
            {
                WriteCluster(writer, plugin, context);
            }

            writer.WriteBoolean("interactive", isInteractive);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(json.ToArray());
    }

    private static void WriteCluster(Utf8JsonWriter writer, ExecPlugin plugin, ClusterContext context)
    {
        writer.WriteStartObject("cluster");
        writer.WriteString("server", context.Server.AbsoluteUri.TrimEnd('/'));
        if (context.TlsServerName is not null)
        {
            writer.WriteString("tls-server-name", context.TlsServerName);
        }

        if (context.SkipTlsVerify)
        {
            writer.WriteBoolean("insecure-skip-tls-verify", true);
        }

        if (context.CABundle is not null)
        {
            writer.WriteBase64String("certificate-authority-data", context.CABundle);
        }

        if (context.Proxy is not null)
        {
            writer.WriteString("proxy-url", context.Proxy.OriginalString);
        }

        writer.WritePropertyName("config");
        writer.WriteRawValue(plugin.ClusterConfig ?? "null");
        writer.WriteEndObject();
    }
}
