using System;
using System.IO;
using System.Linq;
using K3sToken.Supervisor;
using Xunit;

namespace K3sToken.Tests.Supervisor;

public sealed class ServerTokenFileTests : IDisposable
{
    private const string Hash = "5386ced363485a1cf64b13e5d3ecc4e97b824a3d570147e36fca79c2bebe427b";
    private const string ServerText = $"K10{Hash}::server:dfddfb1cd1a96721b22740095d6431b9";
    private const string AgentText = $"K10{Hash}::node:0a1b2c3d4e5f60718293a4b5c6d7e8f9";

    private readonly DirectoryInfo _disk = Directory.CreateTempSubdirectory("k3stoken-disk-");

    private string DataDir => Path.Combine(_disk.FullName, "var/lib/rancher/k3s");

    [Fact]
    public void The_server_token_is_read_with_its_line_end_removed()
    {
        Write("token", ServerText + "\n");

        ServerToken token = ServerTokenFile.Read(DataDir, NodeRole.Server, asPlainText: true);

        Assert.Equal(ServerText, token.Token);
        Assert.Equal((TokenKind.Server, TokenFormat.Secure, Hash), (token.Kind, token.Format, token.CAHash));
        Assert.Equal(Path.Combine(DataDir, "server/token"), token.Path);
        Assert.Null(token.LinkTarget);
        Assert.DoesNotContain("dfddfb1c", token.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_path_holds_no_token()
    {
        K3sTokenException error = Assert.Throws<K3sTokenException>(() => ServerTokenFile.Read("/a\0b", NodeRole.Server, asPlainText: true));
        Assert.Equal(ErrorId.TokenNotFound, error.Id);
        Assert.DoesNotContain('\0', error.Message);
    }

    [Fact]
    public void A_configured_agent_token_is_a_file_of_its_own()
    {
        Write("token", ServerText + "\n");
        Write("agent-token", AgentText + "\n");

        ServerToken token = ServerTokenFile.Read(DataDir, NodeRole.Agent, asPlainText: true);

        Assert.Equal((AgentText, TokenKind.Agent, null), (token.Token, token.Kind, token.LinkTarget));
    }

    [Theory]
    [InlineData("token")]
    [InlineData("/var/lib/rancher/k3s/server/token")]
    [InlineData("/somewhere/else/k3s/server/token")]
    public void Without_one_the_agent_token_is_a_link_that_is_followed_inside_the_data_directory(string target)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a right there that a test does not have.");
        Write("token", ServerText + "\n");
        File.CreateSymbolicLink(Path.Combine(DataDir, "server/agent-token"), target);

        ServerToken token = ServerTokenFile.Read(DataDir, NodeRole.Agent, asPlainText: true);

        Assert.Equal(ServerText, token.Token);
        Assert.Equal(Path.Combine(DataDir, "server/agent-token"), token.Path);
        Assert.Equal(Path.Combine(DataDir, "server/token"), token.LinkTarget);
    }

    [Theory]
    [InlineData("/etc/hostname")]
    [InlineData("../../../../../../../etc/hostname")]
    [InlineData("/x/server/../../../../../../../../../../etc/hostname")]
    public void A_link_that_leads_out_of_the_data_directory_is_not_followed(string target)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a right there that a test does not have.");
        Write("token", ServerText);
        File.CreateSymbolicLink(Path.Combine(DataDir, "server/agent-token"), target);

        Assert.Equal(ErrorId.TokenNotFound, Refused(NodeRole.Agent).Id);
    }

    [Theory]
    [InlineData("token", "../../k3s-other/server/token")]
    [InlineData("", "../k3s-other/server")]
    [InlineData("", "/var/lib/rancher/k3s-other/server")]
    public void A_link_to_a_neighbour_or_of_the_folder_itself_is_not_followed_either(string link, string target)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a right there that a test does not have.");
        string other = DataDir + "-other";
        Directory.CreateDirectory(Path.Combine(other, "server"));
        File.WriteAllText(Path.Combine(other, "server/token"), ServerText);
        Directory.CreateDirectory(link.Length > 0 ? Path.Combine(DataDir, "server") : DataDir);
        File.CreateSymbolicLink(Path.Combine(DataDir, "server", link).TrimEnd('/'), target.Replace("/var", _disk.FullName + "/var", StringComparison.Ordinal));

        K3sTokenException e = Assert.Throws<K3sTokenException>(() => ServerTokenFile.Read(DataDir, NodeRole.Server, asPlainText: false));

        Assert.Equal(ErrorId.TokenNotFound, e.Id);
        Assert.Contains("outside", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("server > hop", "hop > OTHER/server")]
    [InlineData("server/token > sub/token", "server/sub > OTHER/server")]
    [InlineData("server/token > a", "server/a > b", "server/b > c", "server/c > ../../k3s-other/server/token")]
    [InlineData(
        "server/token > a", "server/a > b", "server/b > c", "server/c > d", "server/d > e", "server/e > f", "server/f > g", "server/g > h", "server/h > OTHER/server/token")]
    public void A_chain_of_links_is_not_followed_out_either(params string[] links)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a right there that a test does not have.");
        string other = DataDir + "-other";
        Directory.CreateDirectory(Path.Combine(other, "server"));
        File.WriteAllText(Path.Combine(other, "server/token"), ServerText);
        foreach (string[] link in links.Select(text => text.Split(" > ")))
        {
            string path = Path.Combine(DataDir, link[0]);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.CreateSymbolicLink(path, link[1].Replace("OTHER", other, StringComparison.Ordinal));
        }

        Assert.Equal(ErrorId.TokenNotFound, Refused(NodeRole.Server).Id);
    }

    [Fact]
    public void Links_that_stay_inside_are_followed_on_the_way_too()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a right there that a test does not have.");
        Directory.CreateDirectory(Path.Combine(DataDir, "real"));
        File.WriteAllText(Path.Combine(DataDir, "real/token"), ServerText);
        File.CreateSymbolicLink(Path.Combine(DataDir, "server"), "hop");
        File.CreateSymbolicLink(Path.Combine(DataDir, "hop"), "real");

        ServerToken token = ServerTokenFile.Read(DataDir, NodeRole.Server, asPlainText: true);

        Assert.Equal((ServerText, Path.Combine(DataDir, "real/token")), (token.Token, token.LinkTarget));
    }

    [Theory]
    [InlineData("\ufeff" + ServerText)]
    [InlineData(ServerText + "\n" + AgentText + "\n")]
    [InlineData(ServerText + "\n\n")]
    [InlineData("s\0e\0c\0r\0e\0t\0")]
    public void A_file_that_is_not_one_line_of_text_is_malformed(string text)
    {
        Write("token", text);

        K3sTokenException e = Assert.Throws<K3sTokenException>(() => ServerTokenFile.Read(DataDir, NodeRole.Server, asPlainText: false));

        Assert.Equal(ErrorId.TokenMalformed, e.Id);
        Assert.DoesNotContain("dfddfb1c", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_in_a_circle_ends()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a right there that a test does not have.");
        Directory.CreateDirectory(Path.Combine(DataDir, "server"));
        File.CreateSymbolicLink(Path.Combine(DataDir, "server/agent-token"), "agent-token");

        Assert.Equal(ErrorId.TokenNotFound, Refused(NodeRole.Agent).Id);
    }

    [Fact]
    public void A_folder_that_is_no_servers_says_so()
    {
        K3sTokenException e = Refused(NodeRole.Server);

        Assert.Equal(ErrorId.TokenNotFound, e.Id);
        Assert.Contains("-DataDir", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_file_is_no_token()
    {
        Write("token", "");

        Assert.Equal(ErrorId.TokenNotFound, Refused(NodeRole.Server).Id);
    }

    [Fact]
    public void A_file_that_holds_something_else_is_malformed_and_not_quoted()
    {
        Write("token", "K10not-a-token-but-secret-all-the-same");

        K3sTokenException e = Refused(NodeRole.Server);

        Assert.Equal(ErrorId.TokenMalformed, e.Id);
        Assert.DoesNotContain("secret-all", e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_this_account_may_not_read_says_what_to_do()
    {
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess)
        {
            Assert.Skip("Root and Windows may read it all the same.");
            return;
        }

        Write("token", ServerText);
        File.SetUnixFileMode(Path.Combine(DataDir, "server/token"), UnixFileMode.None);

        K3sTokenException e = Refused(NodeRole.Server);

        Assert.Equal(ErrorId.AccessDenied, e.Id);
        Assert.Contains("sudo", e.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _disk.Delete(recursive: true);

    private void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.Combine(DataDir, "server"));
        File.WriteAllText(Path.Combine(DataDir, "server", name), text);
    }

    private K3sTokenException Refused(NodeRole role) =>
        Assert.Throws<K3sTokenException>(() => ServerTokenFile.Read(DataDir, role, asPlainText: false));
}
