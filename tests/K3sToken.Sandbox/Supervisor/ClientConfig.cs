using System.IO;
using System.Text.Json.Nodes;
using K3sToken.Sandboxing.Http;

namespace K3sToken.Sandboxing.Supervisor;

/// <summary>What the supervisor tells nodes of the cluster: <c>/v1-k3s/config</c>.</summary>
internal static class ClientConfig
{
    private static readonly string Template = Embedded.Text("client-config.json");

    public static Answer Write(int port, string name, DataDirectory directory)
    {
        JsonNode config = JsonNode.Parse(Template)!;
        config["AdvertisePort"] = port;
        config["HTTPSPort"] = port;
        config["SupervisorPort"] = port;
        config["APIServerPort"] = port + 1;
        config["ServerNodeName"] = name;
        config["DataDir"] = Path.Combine(directory.Root, "server");
        config["IPSECPSK"] = File.ReadAllText(directory.Shared["IPSECKey"]).Trim();
        using System.Text.Json.JsonDocument document = System.Text.Json.JsonDocument.Parse(config.ToJsonString());
        return Answers.Json(200, GoJson.Write(document.RootElement), OutputFormat.Json) with { MayCompress = false };
    }
}
