using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using K3sToken.Tokens;

namespace K3sToken.Kubernetes;

/// <summary>One kubeconfig file: its entries by name, none of them judged yet.</summary>
internal sealed class KubeconfigFile
{
    private const int MostBytes = 4 << 20;

    private KubeconfigFile(string path, YamlMapping? root)
    {
        Path = path;
        KubeconfigEntry top = new(this, "the top level", root);
        if (top.Text("kind") is { } kind && kind != "Config")
        {
            throw Invalid("its kind is not Config, so it is another kind of file");
        }

        CurrentContext = top.Text("current-context");
        Contexts = Named(top, "contexts", "context");
        Clusters = Named(top, "clusters", "cluster");
        Users = Named(top, "users", "user");
    }

    /// <summary>The absolute path.</summary>
    public string Path { get; }

    public string? CurrentContext { get; }

    public IReadOnlyList<KubeconfigEntry> Contexts { get; }

    public IReadOnlyList<KubeconfigEntry> Clusters { get; }

    public IReadOnlyList<KubeconfigEntry> Users { get; }

    /// <exception cref="K3sTokenException"><see cref="ErrorId.KubeconfigInvalid"/>: not readable, no YAML, or no kubeconfig.</exception>
    public static KubeconfigFile Read(string path, IYamlParser yaml)
    {
        YamlNode? root;
        try
        {
            root = yaml.Parse(ReadText(path));
        }
        catch (YamlException broken)
        {
            throw new K3sTokenException(ErrorId.KubeconfigInvalid, $"The kubeconfig {path} cannot be used. {broken.Message}");
        }

        return root is null or YamlMapping
            ? new KubeconfigFile(path, (YamlMapping?)root)
            : throw Invalid(path, $"line {root.Line}: it is not a kubeconfig, which begins with keys");
    }

    public K3sTokenException Invalid(string what) => Invalid(Path, what);

    private static K3sTokenException Invalid(string path, string what) =>
        new(ErrorId.KubeconfigInvalid, $"The kubeconfig {path} cannot be used: {what}.");

    private static string ReadText(string path)
    {
        if (Directory.Exists(path))
        {
            throw Invalid(path, "it is a folder; name the file in it");
        }

        try
        {
            byte[] bytes = BoundedFile.Read(path, MostBytes)
                ?? throw Invalid(
                    path, $"it is larger than {MostBytes >> 20} MiB. Divide it into several files, and name them joined in KUBECONFIG");
            try
            {
                return EncodingOf(bytes).GetString(bytes);
            }
            finally
            {
                Array.Clear(bytes, 0, bytes.Length);
            }
        }
        catch (UnauthorizedAccessException)
        {
            throw Invalid(
                path,
                "this account may not read it. Run with sudo or as an administrator, "
                + "or name a copy of your own with -Kubeconfig or in the environment variable KUBECONFIG");
        }
        catch (IOException unreadable)
        {
            throw Invalid(path, unreadable.Message.TrimEnd('.'));
        }
        catch (DecoderFallbackException)
        {
            throw Invalid(path, "it is not text in UTF-8 or UTF-16");
        }
    }

    // Notepad and the redirections of Windows PowerShell write UTF-16.
    private static Encoding EncodingOf(byte[] bytes) => (bytes.ElementAtOrDefault(0), bytes.ElementAtOrDefault(1)) switch
    {
        (0xff, 0xfe) => new UnicodeEncoding(bigEndian: false, byteOrderMark: true, throwOnInvalidBytes: true),
        (0xfe, 0xff) => new UnicodeEncoding(bigEndian: true, byteOrderMark: true, throwOnInvalidBytes: true),
        _ => new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true),
    };

    private List<KubeconfigEntry> Named(KubeconfigEntry top, string list, string section)
    {
        Dictionary<string, int> lines = [];
        List<KubeconfigEntry> entries = [];
        foreach (KubeconfigEntry item in top.Items(list))
        {
            // Nothing can refer to an entry without a name.
            if (item.Text("name") is not { } name)
            {
                continue;
            }

            if (name.Any(c => char.IsControl(c) || ConsoleText.IsHarmful(c)))
            {
                throw Invalid($"line {item.Line}: the name of a {section} holds a control character. Give it another name");
            }

            if (lines.TryGetValue(name, out int line))
            {
                throw Invalid($"line {item.Line}: the {section} '{name}' is there twice, first on line {line}");
            }

            lines.Add(name, item.Line);
            entries.Add(item.Named(name, section));
        }

        return entries;
    }
}
