using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json;
using K3sToken.Kubernetes;
using K3sToken.Supervisor;
using K3sToken.Tokens;
using K3sToken.Tokens.Certificates;
using K3sToken.Yaml;
using Xunit;

namespace K3sToken.Tests.Fuzzing;

/// <summary>The readers that are fuzzed on every platform. Those of a server's answers stand in <see cref="AnswerTargets"/>.</summary>
internal static class FuzzTargets
{
    /// <summary>How many there are in all.</summary>
    public const int Count = 10;

    private const string ExecVersion = "client.authentication.k8s.io/v1";

    private static readonly DateTime Then = new(2026, 11, 21, 0, 0, 0, DateTimeKind.Utc);

    public static FuzzTarget JoinTokens { get; } = new(
        "join token", TokenSeeds(), ["K10", "::", ":", ".", "server", "node", "abc123", "\n"], ReadJoinToken);

    public static FuzzTarget BootstrapTokens { get; } = new(
        "bootstrap token", TokenSeeds(), ["abc123", ".", "0123456789abcdef"], ReadBootstrapToken);

    public static FuzzTarget Durations { get; } = new(
        "duration",
        Texts("30s", "90m", "24h", "7d", "1h30m", "1.5h", "+3ms", "100ns", "2\u00b5s", "1.02:03:04.0500000", "10:11", "0", "-1s", "24", "106751d"),
        ["ns", "us", "ms", "s", "m", "h", "d", ":", ".", "1", "e9", "+"],
        ReadDuration);

    public static FuzzTarget Times { get; } = new(
        "point in time",
        Texts("2026-11-21T10:11:12Z", "2026-11-21T10:11:12.123456789+02:00", "0000-02-29T1:02:03,5-24:60", "9999-12-31T23:59:59Z"),
        ["-", ":", "T", "Z", "+24:60", "02", "29", "0000", "9999"],
        ReadTime);

    public static FuzzTarget Bundles { get; } = new(
        "CA bundle",
        [.. Directory.GetFiles(Recorded.PathOf("cacerts/ca-hash")).OrderBy(path => path, StringComparer.Ordinal).Select(File.ReadAllBytes)],
        ["-----BEGIN CERTIFICATE-----\n", "\n-----END CERTIFICATE-----\n", "-----BEGIN ", "\n-----END ", "-----",
        "Proc-Type: 4,ENCRYPTED\n", "a: b\n"],
        ReadBundle);

    public static FuzzTarget ExecCredentials { get; } = new(
        "exec plugin's output",
        Texts(
            $$"""
            {"kind":"ExecCredential","apiVersion":"{{ExecVersion}}","status":{"token":"a\u0062c","expirationTimestamp":"2030-01-02T03:04:05Z"} }
            """,
            $$"""
            {"kind":"ExecCredential","apiVersion":"{{ExecVersion}}","status":{"clientCertificateData":"c\nd","clientKeyData":"k"},"spec":{"x":[1]} }
            """,
            $$$"""
            {
              "kind": "ExecCredential",
              "apiVersion": "{{{ExecVersion}}}",
              "spec": {"interactive": false, "cluster": {"server": "https://host:6443",
              "config": {"list": [1, 2.5, true, null, "text"]} } },
              "status": {"other": {}, "token": "k8s-aws-v1.aHR0cHM6Ly9zdHMuZXhhbXBsZS5jb20vP0FjdGlvbj1HZXRDYWxsZXJJZGVudGl0eQ",
              "clientKeyData": ""}
            }
            """),
        ["\"kind\":", "\"status\":{", "\"token\":", "\"expirationTimestamp\":", "\"clientKeyData\":", "{", "}", "[", "]", ",",
        "\"apiVersion\":1", "null"],
        ReadExecCredential);

    /// <summary>Texts as a person, a file or a variable may hold them. In the bytes U+E000 and U+E001 stand for the halves of a character,
    /// which UTF-8 has no bytes for.</summary>
    private static string Text(byte[] input) => Encoding.UTF8.GetString(input).Replace('\uE000', '\ud83d').Replace('\uE001', '\ude00');

    private static byte[][] Texts(params string[] texts) => [.. texts.Select(Encoding.UTF8.GetBytes)];

    private static byte[][] TokenSeeds() =>
    [
        .. Recorded.List("tokens/parse.json", "vectors").Select(vector => vector.TryGetProperty("inputBase64", out JsonElement bytes)
            ? bytes.GetBytesFromBase64()
            : Encoding.UTF8.GetBytes(vector.GetProperty("input").GetString()!)),
    ];

    private static void ReadJoinToken(byte[] input)
    {
        string text = Text(input);
        using JoinTokenText token = JoinTokenText.Parse(text.AsSpan());
        using (Secret formatted = token.Format())
        using (JoinTokenText again = JoinTokenText.Parse(formatted.Reveal()))
        {
            Assert.Equal((token.Kind, token.CAHash, token.UserName, token.Id), (again.Kind, again.CAHash, again.UserName, again.Id));
            Assert.True(token.Secret.Reveal().SequenceEqual(again.Secret.Reveal()));
        }

        Assert.Equal(64, JoinTokenText.KeyHash(token.Secret).Length + 52);
        Assert.Equal(JoinToken.WithoutLineEnd(text.AsSpan()).ToString(), new JoinToken(text.AsSpan(), asPlainText: true).Token);
        _ = new JoinToken(text.AsSpan(), asPlainText: false);
        Either(() => IntactToken.Parse(text.AsSpan()).Dispose());
        Either(() => JoinTokenText.NormalizeServerToken(text.AsSpan()).Dispose());
        Either(() => RotationTokens.Read(text.AsSpan(), token.Secret).Dispose());
        Either(() => WriteConfiguration(text));
    }

    private static void WriteConfiguration(string token)
    {
        using Secret secret = new(token.AsSpan());
        string config = JoinCommand.Write(secret, new Uri("https://k3s.example:6443"), NodeRole.Agent, JoinCommandForm.Config);
        YamlMapping read = Assert.IsType<YamlMapping>(new YamlDotNetParser().Parse(config));
        Assert.Equal(token, Assert.IsType<YamlScalar>(read.Entries[1].Value).Value);
    }

    // One of several readers may refuse what another reads.
    private static void Either(Action read)
    {
        try
        {
            read();
        }
        catch (K3sTokenException)
        {
        }
    }

    private static void ReadBootstrapToken(byte[] input)
    {
        string text = Text(input);
        bool isToken = BootstrapTokenText.TryParse(text.AsSpan(), out string? id, out Secret? secret);
        Assert.Equal(isToken, BootstrapTokenText.IsToken(text.AsSpan()));
        if (isToken)
        {
            Assert.Equal(text, BootstrapTokenText.Format(id!, secret!).Reveal().ToString());
        }

        if (BootstrapTokenText.TryGetId(text.AsSpan(), out string? meant))
        {
            Assert.True(BootstrapTokenText.IsId(meant.AsSpan()));
            Assert.Contains(meant, text, StringComparison.Ordinal);
        }
    }

    // Its contract is a FormatException: PowerShell shows that one's message, and no error id, where a parameter does not bind.
    private static void ReadDuration(byte[] input)
    {
        try
        {
            TimeSpan read = Duration.Parse(Text(input), zeroAllowed: true);
            Assert.InRange(read, TimeSpan.Zero, Duration.MaxValue);
            Assert.Equal(read, Duration.Parse(read.ToString("c", CultureInfo.InvariantCulture), zeroAllowed: true));
            Assert.InRange(Duration.ToHuman(read).Length, 2, 4);
        }
        catch (FormatException refused)
        {
            Assert.InRange(refused.Message.Length, 10, 200);
        }
    }

    private static void ReadTime(byte[] input)
    {
        bool isTime = GoTime.TryParseRfc3339(Text(input).AsSpan(), out DateTime utc);
        Assert.Equal(isTime, GoTime.TryParseRfc3339(input.AsSpan(), out _));
        if (isTime)
        {
            string written = utc.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);
            Assert.True(GoTime.TryParseRfc3339(written.AsSpan(), out DateTime again));
            Assert.Equal(utc, again);
        }
    }

    private static void ReadBundle(byte[] input)
    {
        int blocks = PemBlocks.Read(input).Count();
        Pem.Read(input).ForEach(block => Array.Clear(block.Der ?? [], 0, block.Der?.Length ?? 0));
        string hash = CAHash.Compute(input, Then);
        Assert.Matches("^[0-9a-f]{64}\\z", hash);
        Assert.InRange(CABundle.ReadCertificates(input).Count, 1, blocks);
    }

    // What runs plugins makes an error of a FormatException, whose message quotes nothing of the output.
    private static void ReadExecCredential(byte[] input)
    {
        try
        {
            ExecCredential credential = ExecCredential.Parse(input, ExecVersion);
            Assert.True(credential.Token is not null || credential.ClientKey is not null);
        }
        catch (FormatException refused)
        {
            throw new K3sTokenException(ErrorId.AuthenticationFailed, refused.Message);
        }
    }
}
