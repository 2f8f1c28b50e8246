using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace K3sToken.Kubernetes;

/// <summary>Reads the exec section of a kubeconfig's user.</summary>
internal static class KubeconfigExec
{
    private const string Group = "client.authentication.k8s.io/";

    public static ExecPlugin Read(KubeconfigEntry entry, KubeconfigCluster cluster)
    {
        string apiVersion = ApiVersion(entry);
        return new ExecPlugin(
            apiVersion,
            Command(entry),
            entry.Texts("args"),
            Environment(entry),
            entry.Text("installHint"),
            entry.Flag("provideClusterInfo"),
            cluster.PluginConfig,
            Mode(entry, apiVersion));
    }

    private static string ApiVersion(KubeconfigEntry entry) => entry.Text("apiVersion") switch
    {
        null => throw entry.Invalid($"it has no apiVersion. Add {Group}v1 or {Group}v1beta1, whichever the plugin speaks"),
        Group + "v1" => Group + "v1",
        Group + "v1beta1" => Group + "v1beta1",
        Group + "v1alpha1" => throw entry.Invalid(
            $"{Group}v1alpha1 was removed from Kubernetes. Update the plugin, and write {Group}v1 or {Group}v1beta1 here",
            "apiVersion"),
        _ => throw entry.Invalid($"the apiVersion is neither {Group}v1 nor {Group}v1beta1", "apiVersion"),
    };

    // A name alone is looked up on PATH; a path begins at the folder of the file.
    private static string Command(KubeconfigEntry entry)
    {
        string command = entry.Text("command") ?? throw entry.Invalid("it has no command. Name the plugin's executable");
        bool isPath = command.IndexOfAny([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar]) >= 0;
        return isPath ? entry.Absolute("command", command) : command;
    }

    private static KeyValuePair<string, string>[] Environment(KubeconfigEntry entry) =>
        entry.Items("env")
            .Select(variable => new KeyValuePair<string, string>(
                variable.Text("name") ?? throw variable.Invalid("an environment variable has no name"),
                variable.Text("value") ?? ""))
            .ToArray();

    private static InteractiveMode Mode(KubeconfigEntry entry, string apiVersion) => entry.Text("interactiveMode") switch
    {
        "Never" => InteractiveMode.Never,
        "IfAvailable" => InteractiveMode.IfAvailable,
        "Always" => InteractiveMode.Always,
        null when apiVersion == Group + "v1beta1" => InteractiveMode.IfAvailable,
        null => throw entry.Invalid($"{Group}v1 needs an interactiveMode. Add Never, IfAvailable or Always"),
        _ => throw entry.Invalid("the interactiveMode is none of Never, IfAvailable and Always", "interactiveMode"),
    };
}
