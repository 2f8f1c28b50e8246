using System;
using System.IO;
using System.Linq;
using System.Text;
using K3sToken.Kubernetes;
using Xunit;

namespace K3sToken.Tests.Kubernetes;

public sealed class KubeconfigTests : IDisposable
{
    private static readonly byte[] Ca = Recorded.Bytes("cacerts/self-signed.cacerts.pem");
    private readonly KubeconfigFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static K3sTokenException Invalid(Func<object> act) => Refused(ErrorId.KubeconfigInvalid, act);

    private static K3sTokenException Refused(ErrorId id, Func<object> act)
    {
        K3sTokenException error = Assert.Throws<K3sTokenException>(() => act());
        Assert.Equal(id, error.Id);
        return error;
    }

    private static void Mentions(Exception error, params string[] words) =>
        Assert.All(words, word => Assert.Contains(word, error.Message, StringComparison.Ordinal));

    private static string Base64(byte[] bytes) => Convert.ToBase64String(bytes);

    [Fact]
    public void The_kubeconfig_of_a_K3s_server_resolves_to_its_cluster_and_its_certificate()
    {
        string path = _folder.Write("k3s.yaml", $"""
            apiVersion: v1
            clusters:
            - cluster:
                certificate-authority-data: {Base64(Ca)}
                server: https://127.0.0.1:6443
              name: default
            contexts:
            - context:
                cluster: default
                user: default
              name: default
            current-context: default
            kind: Config
            users:
            - name: default
              user:
                client-certificate-data: {Base64("certificate"u8.ToArray())}
                client-key-data: {Base64("key"u8.ToArray())}
            """);

        Kubeconfig kubeconfig = _folder.Open();
        ClusterContext context = kubeconfig.Resolve(null);

        Assert.Equal(path, kubeconfig.Path);
        Assert.Equal("default", kubeconfig.CurrentContext);
        Assert.Equal(["default"], kubeconfig.ContextNames);
        Assert.Equal("default", context.Name);
        Assert.Equal(path, context.Kubeconfig);
        Assert.Equal(new Uri("https://127.0.0.1:6443/"), context.Server);
        Assert.Equal(Ca, context.CABundle);
        Assert.False(context.SkipTlsVerify);
        Assert.Null(context.TlsServerName);
        Assert.Null(context.Proxy);
        Assert.Equal("default", context.User.Name);
        Assert.Equal("certificate"u8.ToArray(), context.User.ClientCertificate);
        Assert.Equal("key"u8.ToArray(), context.User.ClientKey);
        Assert.Null(context.User.Token);
        Assert.Null(context.User.Exec);
        Assert.Null(context.User.ActAs);
    }

    [Fact]
    public void A_JSON_kubeconfig_in_UTF_16_reads_as_well()
    {
        string json = """
            {"apiVersion":"v1","kind":"Config","current-context":"ä","contexts":[{"name":"ä","context":{"cluster":"c","user":"u"}}],
             "clusters":[{"name":"c","cluster":{"server":"https://host"}}],"users":[{"name":"u","user":{"token":"abc"}}]}
            """;
        foreach (Encoding encoding in new[] { Encoding.Unicode, Encoding.BigEndianUnicode, Encoding.UTF8 })
        {
            string path = _folder.Write("config", [.. encoding.GetPreamble(), .. encoding.GetBytes(json)]);
            Assert.Equal("ä", _folder.Open(path).Resolve(null).Name);
        }
    }

    [Fact]
    public void Files_merge_as_in_kubectl()
    {
        string first = _folder.Write("first/config", """
            contexts:
            - {name: shared, context: {cluster: one, user: one}}
            clusters:
            - {name: one, cluster: {server: 'https://first'}}
            users:
            - {name: one, user: {tokenFile: token}}
            """);
        string second = _folder.Write("second/config", """
            current-context: only
            contexts:
            - {name: shared, context: {cluster: two, user: two}}
            - {name: only, context: {cluster: one, user: two}}
            clusters:
            - {name: one, cluster: {server: 'https://second', tls-server-name: second}}
            users:
            - {name: one, user: {token: second}}
            - {name: two, user: {tokenFile: token}}
            """);
        string third = _folder.Write("third", "current-context: shared");
        _folder.Write("first/token", "");
        _folder.Write("second/token", "");
        string list = string.Join(Path.PathSeparator, first, second, third);

        Kubeconfig merged = _folder.Open(list);
        ClusterContext shared = merged.Resolve("shared");
        ClusterContext only = merged.Resolve(null);

        Assert.Equal(list, merged.Path);
        Assert.Equal(["shared", "only"], merged.ContextNames);
        Assert.Equal(("only", "first", _folder.PathOf("second/token")), (only.Name, only.Server.Host, only.User.TokenFile));
        Assert.Null(only.TlsServerName);
        Assert.Equal(("first", _folder.PathOf("first/token")), (shared.Server.Host, shared.User.TokenFile));
        Assert.Null(shared.User.Token);
        Assert.Equal(list, only.Kubeconfig);
    }

    [Fact]
    public void An_error_in_a_merged_entry_names_the_file_the_entry_is_in()
    {
        string first = _folder.Write("first", "contexts: [{name: a, context: {cluster: c, user: u}}]\nusers: [{name: u}]");
        string second = _folder.Write("second", "clusters:\n- name: c\n  cluster:\n    server: ftp://x\n");
        K3sTokenException error = Invalid(() => _folder.Open($"{first}{Path.PathSeparator}{second}").Resolve("a"));
        Mentions(error, second, "line 4", "cluster 'c'");
        Assert.DoesNotContain(first, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a: [\n", "line 2", "YAML")]
    [InlineData("- a\n", "line 1", "not a kubeconfig")]
    [InlineData("hunter2", "line 1", "not a kubeconfig")]
    [InlineData("kind: Secret\n", "kind", "not Config")]
    [InlineData("contexts: {a: b}\n", "line 1", "'contexts' must be a list")]
    [InlineData("contexts:\n- hunter2\n", "line 2", "mapping")]
    [InlineData("users:\n- name: [hunter2]\n", "line 2", "'name' must be a text")]
    [InlineData("contexts:\n- name: a\n- name: b\n- name: a\n", "line 4", "twice, first on line 2")]
    [InlineData("current-context: {hunter2: x}\n", "line 1", "'current-context' must be a text")]
    public void A_file_that_is_no_kubeconfig_is_invalid(string text, params string[] words)
    {
        K3sTokenException error = Invalid(() => _folder.OpenText(text));
        Mentions(error, _folder.PathOf("config"));
        Assert.All(words, word => Assert.Contains(word, error.Message, StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain("hunter2", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_and_binary_data_are_invalid()
    {
        Mentions(Invalid(() => _folder.Open(_folder.Root)), _folder.Root, "folder");
        Mentions(Invalid(() => _folder.Open(_folder.Write("binary", [0xC3, 0x28, 0xFF]))), "UTF-8");
        Mentions(Invalid(() => _folder.Open(_folder.Write("nul", [65, 0, 66, 0]))), "UTF-16");
    }

    [Fact]
    public void Files_that_are_too_large_are_invalid()
    {
        string large = _folder.Write("large", Encoding.ASCII.GetBytes(new string('#', (4 << 20) + 1)));
        Mentions(Invalid(() => _folder.Open(large)), large, "4 MiB", "KUBECONFIG");
        Mentions(Invalid(() => _folder.Resolve("{server: 'https://h', certificate-authority: large}")), large, "1 MiB");
    }

    [Fact]
    public void A_file_without_an_end_is_invalid()
    {
        Assert.SkipUnless(File.Exists("/dev/zero"), "There is no such file here.");
        Mentions(Invalid(() => _folder.Open("/dev/zero")), "/dev/zero", "MiB");
        Mentions(Invalid(() => _folder.Resolve("{server: 'https://h', certificate-authority: /dev/zero}")), "/dev/zero", "MiB");
    }

    [Theory]
    [InlineData("{server: 'https://h', certificate-authority: \"a\\0b\"}", "{}", "certificate-authority")]
    [InlineData("{server: 'https://h'}", "{client-certificate: \"a\\0b\"}", "client-certificate")]
    [InlineData("{server: 'https://h'}", "{tokenFile: \"a\\0b\"}", "tokenFile")]
    [InlineData(
        "{server: 'https://h'}", "{exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: \"./a\\0b\"}}", "command")]
    [InlineData(
        "{server: 'https://h'}", "{exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: a, args: [\"a\\0b\"]}}", "args")]
    public void A_text_with_a_null_character_is_invalid(string cluster, string user, string key) =>
        Mentions(Invalid(() => _folder.Resolve(cluster, user)), _folder.PathOf("config"), key);

    [Theory]
    [InlineData("a\\r\\n\\e[31mb")]
    [InlineData("a b")]
    [InlineData("https://a")]
    public void A_tls_server_name_that_is_no_host_is_invalid(string name)
    {
        K3sTokenException error = Invalid(() => _folder.Resolve($"{{server: 'https://h', tls-server-name: \"{name}\"}}"));
        Mentions(error, _folder.PathOf("config"), "tls-server-name");
        Assert.DoesNotContain("\e", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_kubeconfig_has_no_context()
    {
        Kubeconfig empty = _folder.OpenText("");
        Assert.Empty(empty.ContextNames);
        Mentions(Refused(ErrorId.ContextNotFound, () => empty.Resolve(null)), _folder.PathOf("config"), "current-context", "no contexts");
    }

    [Fact]
    public void An_unknown_context_is_an_error_that_names_those_there_are()
    {
        Kubeconfig kubeconfig = _folder.OpenText("contexts: [{name: a}, {name: b}, {name: ''}, {}]\ncurrent-context: gone\n");
        Assert.Equal(["a", "b"], kubeconfig.ContextNames);
        Mentions(Refused(ErrorId.ContextNotFound, () => kubeconfig.Resolve("c")), _folder.PathOf("config"), "'c'", "a, b", "-Context");
        Mentions(Refused(ErrorId.ContextNotFound, () => kubeconfig.Resolve("A")), "'A'");
        Mentions(Refused(ErrorId.ContextNotFound, () => kubeconfig.Resolve(null)), "'gone'", "current-context");
    }

    [Fact]
    public void A_long_list_of_contexts_is_cut_in_the_message()
    {
        string contexts = string.Concat(Enumerable.Range(1, 50).Select(i => $"- name: context-{i}\n"));
        string message = Refused(ErrorId.ContextNotFound, () => _folder.OpenText("contexts:\n" + contexts).Resolve("x")).Message;
        Assert.Contains("context-20 and 30 more", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pattern_means_the_context_of_exactly_that_name_before_those_it_matches()
    {
        Kubeconfig kubeconfig = _folder.OpenText("contexts: [{name: 'prod*'}, {name: prod-1}, {name: prod-2}, {name: test}]");
        static bool Prod(string name) => name.StartsWith("prod", StringComparison.Ordinal);
        Assert.Equal(["prod*"], kubeconfig.MatchContexts("prod*", Prod));
        Assert.Equal(["prod*", "prod-1", "prod-2"], kubeconfig.MatchContexts("PROD*", Prod));
        Assert.Empty(kubeconfig.MatchContexts("x*", _ => false));
    }

    [Fact]
    public void A_broken_entry_spoils_only_the_context_that_uses_it()
    {
        Kubeconfig kubeconfig = _folder.OpenText("""
            contexts:
            - {name: good, context: {cluster: good, user: good}}
            - {name: bad-cluster, context: {cluster: bad, user: good}}
            - {name: bad-user, context: {cluster: good, user: bad}}
            - {name: bad-context, context: text}
            clusters:
            - {name: good, cluster: {server: 'https://host'}}
            - {name: bad, cluster: [1]}
            users:
            - {name: good, user: }
            - {name: bad, user: {client-key-data: 'x', client-certificate-data: '%'}}
            """);
        Assert.Equal("good", kubeconfig.Resolve("good").Name);
        Mentions(Invalid(() => kubeconfig.Resolve("bad-cluster")), "line 8", "cluster 'bad'", "mapping");
        Mentions(Invalid(() => kubeconfig.Resolve("bad-user")), "line 11", "user 'bad'", "client-certificate-data", "base64");
        Mentions(Invalid(() => kubeconfig.Resolve("bad-context")), "line 5", "context 'bad-context'");
    }

    [Theory]
    [InlineData("{user: u}", "names no cluster")]
    [InlineData("{cluster: c}", "names no user")]
    [InlineData("{cluster: gone, user: u}", "no cluster 'gone'")]
    [InlineData("{cluster: c, user: gone}", "no user 'gone'")]
    public void A_context_must_name_a_cluster_and_a_user_that_exist(string context, string problem)
    {
        Kubeconfig kubeconfig = _folder.OpenText(
            "clusters: [{name: c, cluster: {server: 'https://host'}}]\nusers: [{name: u, user: {}}]\n"
            + $"contexts: [{{name: a, context: {context}}}]\n");
        Mentions(Invalid(() => kubeconfig.Resolve("a")), problem, "context 'a'", "line 3");
    }

    [Theory]
    [InlineData("https://host:6443", "https://host:6443/")]
    [InlineData("https://host", "https://host/")]
    [InlineData("HTTPS://Host/k8s/clusters/c-1?x=1#y", "https://host/k8s/clusters/c-1")]
    [InlineData("https://[::1]:6443", "https://[::1]:6443/")]
    [InlineData("host:6443", "https://host:6443/")]
    [InlineData("10.0.0.1", "https://10.0.0.1/")]
    public void The_server_is_a_https_URL(string server, string expected) =>
        Assert.Equal(expected, _folder.Resolve($"{{server: '{server}'}}").Server.AbsoluteUri);

    [Theory]
    [InlineData("{}", "no server")]
    [InlineData("{server: }", "no server")]
    [InlineData("{server: 'http://host:8080'}", "in clear")]
    [InlineData("{server: 'ftp://host'}", "https")]
    [InlineData("{server: 'https://'}", "not a URL")]
    [InlineData("{server: 'https://ho st'}", "not a URL")]
    [InlineData("{server: 'https://user:hunter2@host'}", "under 'users'")]
    [InlineData("{server: [hunter2]}", "must be a text")]
    [InlineData("{server: 'https://h', proxy-url: 'ftp://hunter2'}", "proxy-url")]
    [InlineData("{server: 'https://h', proxy-url: hunter2}", "proxy-url")]
    [InlineData("{server: 'https://h', certificate-authority: missing.crt}", "missing.crt")]
    [InlineData("{server: 'https://h', certificate-authority: .}", "cannot be read")]
    [InlineData("{server: 'https://h', certificate-authority-data: '!hunter2'}", "base64")]
    [InlineData("{server: 'https://h', certificate-authority-data: aHVudGVyMg==}", "no certificate")]
    [InlineData("{server: 'https://h', certificate-authority: config}", "no certificate")]
    [InlineData("{server: 'https://h', insecure-skip-tls-verify: hunter2}", "true or false")]
    public void A_cluster_that_cannot_be_used_is_invalid(string cluster, string problem)
    {
        K3sTokenException error = Invalid(() => _folder.Resolve(cluster));
        Mentions(error, _folder.PathOf("config"), "line 7", "cluster 'c'", problem);
        Assert.DoesNotContain("hunter2", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Trust_settings_and_proxy_are_handed_on()
    {
        ClusterContext context = _folder.Resolve(
            "{server: 'https://h', insecure-skip-tls-verify: true, tls-server-name: name, disable-compression: true, "
            + "proxy-url: 'socks5://u:p@proxy:1080'}");
        Assert.True(context.SkipTlsVerify);
        Assert.Equal("name", context.TlsServerName);
        Assert.Equal(new Uri("socks5://u:p@proxy:1080"), context.Proxy);
        Assert.Null(context.CABundle);
    }

    [Fact]
    public void A_CA_and_insecure_skip_tls_verify_contradict_each_other()
    {
        _folder.Write("ca", Ca);
        string cluster = "{server: 'https://h', insecure-skip-tls-verify: yes, certificate-authority: ca}";
        Mentions(Invalid(() => _folder.Resolve(cluster)), "contradict", "Remove insecure-skip-tls-verify");
    }

    [Fact]
    public void Files_are_looked_up_beside_the_kubeconfig_and_data_goes_before_them()
    {
        _folder.Write("pki/ca.crt", Ca);
        _folder.Write("pki/client.crt", "from file");
        Assert.Equal(Ca, _folder.Resolve("{server: 'https://h', certificate-authority: pki/ca.crt}").CABundle);
        string caData = $"certificate-authority-data: {Base64(Ca)}";
        Assert.Equal(Ca, _folder.Resolve($"{{server: 'https://h', certificate-authority: missing, {caData}}}").CABundle);

        string data = Base64("from data"u8.ToArray());
        ClusterUser files = _folder.Resolve(user: "{client-certificate: pki/client.crt, client-key: pki/client.crt}").User;
        ClusterUser both = _folder.Resolve(
            user: $"{{client-certificate: x, client-certificate-data: {data}, client-key: x, client-key-data: {data}}}").User;
        Assert.Equal(("from file", "from file"), (Text(files.ClientCertificate), Text(files.ClientKey)));
        Assert.Equal(("from data", "from data"), (Text(both.ClientCertificate), Text(both.ClientKey)));

        static string Text(byte[]? bytes) => Encoding.UTF8.GetString(bytes!);
    }

    [Fact]
    public void A_token_is_kept_secret_and_a_number_stands_for_its_text()
    {
        Assert.Equal("abc", _folder.Resolve(user: "{token: abc}").User.Token!.Reveal().ToString());
        Assert.Equal("00123", _folder.Resolve(user: "{token: 00123}").User.Token!.Reveal().ToString());
        Assert.Null(_folder.Resolve(user: "{token: }").User.Token);
        Assert.Null(_folder.Resolve(user: "{token: ''}").User.Token);
    }

    [Fact]
    public void A_token_file_goes_before_a_token_unless_it_is_missing()
    {
        string path = _folder.Write("token", "from file");
        ClusterUser both = _folder.Resolve(user: "{token: abc, tokenFile: token}").User;
        Assert.Equal(path, both.TokenFile);
        Assert.Null(both.Token);
        ClusterUser fallback = _folder.Resolve(user: "{token: abc, tokenFile: gone}").User;
        Assert.Equal("abc", fallback.Token!.Reveal().ToString());
        Assert.Null(fallback.TokenFile);
    }

    [Fact]
    public void A_user_name_with_a_password_is_handed_on()
    {
        ClusterUser user = _folder.Resolve(user: "{username: admin, password: 12345}").User;
        Assert.Equal(("admin", "12345"), (user.BasicUserName, user.BasicPassword!.Reveal().ToString()));
        Assert.Equal("", _folder.Resolve(user: "{username: admin}").User.BasicPassword!.Reveal().ToString());
    }

    [Theory]
    [InlineData("{token: 'hunter2 x'}", "token")]
    [InlineData("{token: \"hunter2\\n\"}", "token")]
    [InlineData("{token: [hunter2]}", "must be a text")]
    [InlineData("{token: hunter2, username: x}", "both")]
    [InlineData("{tokenFile: gone}", "gone")]
    [InlineData("{client-certificate-data: aGk=}", "no client-key")]
    [InlineData("{client-certificate-data: aGk=, client-key-data: '!hunter2'}", "base64")]
    [InlineData("{client-certificate-data: aGk=, client-key: gone}", "gone")]
    [InlineData("{auth-provider: {name: gcp}}", "exec plugin")]
    [InlineData("{as-groups: [a]}", "Add 'as'")]
    [InlineData("{as-uid: a}", "Add 'as'")]
    [InlineData("{as-user-extra: {a: [b]}}", "Add 'as'")]
    [InlineData("{as: x, as-groups: hunter2}", "must be a list")]
    [InlineData("{as: x, as-groups: [[hunter2]]}", "list of texts")]
    [InlineData("{exec: hunter2}", "mapping")]
    [InlineData("{exec: {command: x}}", "apiVersion")]
    [InlineData("{exec: {command: x, apiVersion: client.authentication.k8s.io/v1alpha1}}", "removed")]
    [InlineData("{exec: {command: x, apiVersion: v1}}", "neither")]
    [InlineData("{exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never}}", "command")]
    [InlineData("{exec: {command: '', apiVersion: client.authentication.k8s.io/v1beta1}}", "command")]
    [InlineData("{exec: {command: x, apiVersion: client.authentication.k8s.io/v1}}", "interactiveMode")]
    [InlineData("{exec: {command: x, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Sometimes}}", "interactiveMode")]
    [InlineData("{exec: {command: x, apiVersion: client.authentication.k8s.io/v1beta1, env: [{value: hunter2}]}}", "no name")]
    public void A_user_that_cannot_be_used_is_invalid(string user, string problem)
    {
        K3sTokenException error = Invalid(() => _folder.Resolve(user: user));
        Mentions(error, _folder.PathOf("config"), "line 10", problem);
        Assert.DoesNotContain("hunter2", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Impersonation_is_handed_on()
    {
        string user = "{as: jane, as-uid: 7, as-groups: [a, b], as-user-extra: {scopes: [x, y]}}";
        Impersonation actAs = _folder.Resolve(user: user).User.ActAs!;
        Assert.Equal(("jane", "7"), (actAs.UserName, actAs.Uid));
        Assert.Equal(["a", "b"], actAs.Groups);
        Assert.Equal(["x", "y"], actAs.Extra["scopes"]);
        Assert.Empty(_folder.Resolve(user: "{as: jane}").User.ActAs!.Groups);
    }

    [Fact]
    public void An_exec_plugin_is_handed_on_with_what_the_cluster_tells_it()
    {
        ExecPlugin plugin = _folder.Resolve(
            "{server: 'https://h', extensions: [{name: other, extension: 1}, "
            + "{name: client.authentication.k8s.io/exec, extension: {audience: '06', n: 6}}]}",
            "{exec: {apiVersion: client.authentication.k8s.io/v1, command: login, args: [get, 1], installHint: Get it., "
            + "env: [{name: A, value: b}, {name: EMPTY}], provideClusterInfo: true, interactiveMode: Always}}").User.Exec!;
        Assert.Equal(("client.authentication.k8s.io/v1", "login", "Get it."), (plugin.ApiVersion, plugin.Command, plugin.InstallHint));
        Assert.Equal((true, InteractiveMode.Always), (plugin.ProvideClusterInfo, plugin.InteractiveMode));
        Assert.Equal("""{"audience":"06","n":6}""", plugin.ClusterConfig);
        Assert.Equal(["get", "1"], plugin.Arguments);
        Assert.Equal([new("A", "b"), new("EMPTY", "")], plugin.Environment);
    }

    [Theory]
    [InlineData("login", "login")]
    [InlineData("./login", "@login")]
    [InlineData("bin/login", "@bin/login")]
    public void A_plugin_with_a_path_is_looked_up_beside_the_kubeconfig(string command, string expected)
    {
        string user = $"{{exec: {{apiVersion: client.authentication.k8s.io/v1beta1, command: {command}}}}}";
        ExecPlugin plugin = _folder.Resolve(user: user).User.Exec!;
        Assert.Equal(expected[0] == '@' ? _folder.PathOf(expected.TrimStart('@')) : expected, plugin.Command);
        Assert.Equal(InteractiveMode.IfAvailable, plugin.InteractiveMode);
    }

    [Theory]
    [InlineData("token: abc")]
    [InlineData("username: x, password: y")]
    [InlineData("client-certificate-data: aGk=, client-key-data: aGk=")]
    public void A_plugin_is_not_used_beside_other_credentials(string other)
    {
        string user = $"{{{other}, exec: {{apiVersion: client.authentication.k8s.io/v1beta1, command: x}}}}";
        Assert.Null(_folder.Resolve(user: user).User.Exec);
    }
}
