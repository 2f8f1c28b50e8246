using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using K3sToken.Kubernetes;
using K3sToken.Supervisor;
using K3sToken.Tokens;
using K3sToken.Yaml;
using Xunit;

namespace K3sToken.Tests.Supervisor;

public sealed class JoinCommandTests
{
    private const string Address = "https://k3s.example:6443";

    private static readonly Uri Server = new(Address);

    public static TheoryData<string> Hostile { get; } = new(
        "abc123.0123456789abcdef",
        "it's",
        "a'b\"c\\d$e`f!g#h;i&j|k<l>m*n?o~p%q(r)s{t}u[v]",
        "$(touch /tmp/never)`touch /tmp/never`",
        "K3S_TOKEN",
        "EOF",
        "- : @ & * ! | > % # yes no null ~ 1e3",
        "Büro 中文 🔑 \u2028\u200b\ufeff",
        "no \ufffe characters \uffff",
        "a b  c");

    [Theory]
    [MemberData(nameof(Hostile))]
    public void A_shell_gets_the_token_as_it_is_in_a_file_only_root_reads(string token)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("There is no sh on Windows.");
            return;
        }

        DirectoryInfo root = Directory.CreateTempSubdirectory("k3stoken-join-");
        try
        {
            // The commands of the script that reach out of it are put into functions; the file goes below a folder of the test.
            string script = JoinCommand.Write(Secret(token), Server, NodeRole.Agent, JoinCommandForm.Shell)
                .Replace("/etc/rancher", root.FullName, StringComparison.Ordinal);
            const string LineEndOfWindows = "\r\n";
            string output = Sh("sudo() { \"$@\"; }\ncurl() { echo 'printf \"%s|\" \"$@\"'; }\n" + script + LineEndOfWindows);
            string file = Path.Combine(root.FullName, "k3s/join-token");

            Assert.Equal(token + "\n", File.ReadAllText(file));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            Assert.Equal($"agent|--server|{Address}|--token-file|{file}|", output);
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public void A_shell_and_systemd_read_the_environment_file_alike(string token)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "There is no sh there.");
        string variables = JoinCommand.Write(Secret(token), Server, NodeRole.Agent, JoinCommandForm.Environment);

        Assert.Equal($"{Address}|{token}", Sh(variables + "printf '%s|%s' \"$K3S_URL\" \"$K3S_TOKEN\""));
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public void A_YAML_parser_gets_the_token_as_it_is(string token)
    {
        YamlMapping config = (YamlMapping)new YamlDotNetParser().Parse(
            JoinCommand.Write(Secret(token), Server, NodeRole.Agent, JoinCommandForm.Config))!;

        Assert.Equal(["server", "token"], config.Entries.Select(entry => entry.Key));
        Assert.Equal([Address, token], config.Entries.Select(entry => ((YamlScalar)entry.Value).Value));
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Cloud_init_writes_that_configuration_for_root_alone(string token)
    {
        string document = JoinCommand.Write(Secret(token), Server, NodeRole.Server, JoinCommandForm.CloudInit);
        YamlMapping parsed = (YamlMapping)new YamlDotNetParser().Parse(document)!;
        YamlMapping file = (YamlMapping)((YamlSequence)parsed.Entries.Single(entry => entry.Key == "write_files").Value).Items.Single();
        string Field(string name) => ((YamlScalar)file.Entries.Single(entry => entry.Key == name).Value).Value!;

        Assert.StartsWith("#cloud-config\n", document, StringComparison.Ordinal);
        Assert.Equal(("/etc/rancher/k3s/config.yaml", "0600"), (Field("path"), Field("permissions")));
        Assert.Equal(JoinCommand.Write(Secret(token), Server, NodeRole.Server, JoinCommandForm.Config), Field("content"));
        Assert.EndsWith("| sh -s - server\n", document, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("two\nlines")]
    [InlineData("a\u0007b")]
    [InlineData(" leading")]
    [InlineData("trailing ")]
    [InlineData("line end\n")]
    public void A_token_that_would_not_arrive_unchanged_is_refused(string token)
    {
        K3sTokenException e = Assert.Throws<K3sTokenException>(
            () => JoinCommand.Write(Secret(token), Server, NodeRole.Agent, JoinCommandForm.Shell));

        Assert.Equal(ErrorId.InvalidTokenFormat, e.Id);
        Assert.DoesNotContain(token, e.Message, StringComparison.Ordinal);
    }

    // An attribute cannot hold such a text.
    [Fact]
    public void A_token_with_half_of_a_character_is_refused()
    {
        foreach (string token in new[] { "first \ud83d", "\udd11 second", "\udd11\ud83d" })
        {
            K3sTokenException e = Assert.Throws<K3sTokenException>(
                () => JoinCommand.Write(Secret(token), Server, NodeRole.Agent, JoinCommandForm.Config));
            Assert.Equal(ErrorId.InvalidTokenFormat, e.Id);
        }
    }

    [Theory]
    [InlineData("https://127.0.0.1:6443")]
    [InlineData("localhost")]
    [InlineData("[::1]:6443")]
    public void A_server_that_is_the_node_itself_is_refused(string server) =>
        Assert.Equal(ErrorId.ClusterUnreachable, Assert.Throws<K3sTokenException>(() => JoinCommand.AddressForNodes(server)).Id);

    [Theory]
    [InlineData("abc123.0123456789abcdef", NodeRole.Agent, true)]
    [InlineData("abc123.0123456789abcdef", NodeRole.Server, false)]
    [InlineData("K10::node:pw", NodeRole.Agent, true)]
    [InlineData("K10::node:pw", NodeRole.Server, false)]
    [InlineData("K10::server:pw", NodeRole.Agent, true)]
    [InlineData("K10::server:pw", NodeRole.Server, true)]
    [InlineData("password", NodeRole.Server, true)]
    public void A_token_that_cannot_join_in_a_role_is_refused(string text, NodeRole role, bool isAllowed)
    {
        using JoinTokenText token = JoinTokenText.Parse(text);

        Exception? refusal = Record.Exception(() => JoinCommand.RequireRole(token, role));

        Assert.Equal(isAllowed, refusal is null);
    }

    private static Secret Secret(string text) => new(text.AsSpan());

    private static string Sh(string script)
    {
        ProcessStartInfo start = new("sh") { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["LC_ALL"] = "C.UTF-8";
        using Process process = Process.Start(start)!;
        process.StandardInput.NewLine = "\n";
        process.StandardInput.Write(script);
        process.StandardInput.Close();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output;
    }
}
