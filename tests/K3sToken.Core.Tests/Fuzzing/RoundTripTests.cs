using System;
using System.Buffers;
using System.Globalization;
using System.Linq;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Threading;
using FsCheck;
using FsCheck.Fluent;
using K3sToken.Bootstrap;
using K3sToken.Kubernetes;
using K3sToken.Supervisor;
using K3sToken.Tokens;
using K3sToken.Tokens.Certificates;
using K3sToken.Yaml;
using Xunit;

namespace K3sToken.Tests.Fuzzing;

/// <summary>What was written reads back as it was, whatever it is.</summary>
public sealed class RoundTripTests
{
    private const string LowerCaseAndDigits = "abcdefghijklmnopqrstuvwxyz0123456789";

    private static readonly DateTime Then = new(2026, 11, 21, 0, 0, 0, DateTimeKind.Utc);

    private static readonly Gen<char> Character = Gen.Frequency(
        (6, Gen.Choose(0x20, 0x7e)),
        (2, Gen.Choose(0, 0xffff)),
        (1, Gen.Elements("\n\r\t\0\"'\\:.-#&*{}[],%@`!|>?~ \u0085\u2028\ufeff\ufffe\uffff\ud83d\udd11\u202e".Select(c => (int)c))))
        .Select(c => (char)c);

    private static readonly Gen<string> AnyText = Gen.Frequency(
        (20, Character.Select(c => c.ToString())), (1, Gen.Elements("🔑", "𝒳", "\r\n", "\U0010FFFF")))
        .ArrayOf().Select(string.Concat);

    private static readonly Gen<string> Text = AnyText.Where(text => !HalfCharacter.IsIn(text));

    private static readonly Gen<string> Id = Of(LowerCaseAndDigits, 6);

    private static readonly Gen<string> IdSecret = Of(LowerCaseAndDigits, 16);

    private static readonly Gen<string> Hash = Gen.OneOf(Gen.Constant(""), Of("0123456789abcdef", 64), Of("aZ9 .", 64));

    [Fact]
    public void A_token_with_a_password() => Holds(
        from hash in Hash
        from name in AnyText.Select(text => text.Replace(":", ""))
        from password in AnyText.Where(text => text.Length > 0)
        where !BootstrapTokenText.IsToken($"{name}:{password}")
        select (hash, name, password),
        token =>
        {
            using Secret password = new(token.password);
            using Secret written = JoinTokenText.ForPassword(token.hash, token.name, password).Format();
            using JoinTokenText read = JoinTokenText.Parse(written.Reveal());
            Assert.Equal(
                (JoinTokenKind.Password, token.hash, token.name, token.password),
                (read.Kind, read.CAHash, read.UserName, read.Secret.Reveal().ToString()));
        });

    [Fact]
    public void A_bootstrap_token() => Holds(
        from hash in Hash
        from id in Id
        from secret in IdSecret
        select (hash, id, secret),
        token =>
        {
            using Secret secret = new(token.secret);
            using Secret written = JoinTokenText.ForBootstrap(token.hash, token.id, secret).Format();
            using JoinTokenText read = JoinTokenText.Parse(written.Reveal());
            Assert.Equal(
                (JoinTokenKind.Bootstrap, token.hash, token.id, token.secret),
                (read.Kind, read.CAHash, read.Id, read.Secret.Reveal().ToString()));
            Assert.Equal($"{token.id}.{token.secret}", BootstrapTokenText.Format(token.id, secret).Reveal().ToString());
            Assert.True(BootstrapTokenText.TryGetId(written.Reveal(), out string? id));
            Assert.Equal(token.id, id);
        });

    [Fact]
    public void A_secret_by_way_of_a_SecureString() => Holds(AnyText, text =>
    {
        using Secret secret = new(text);
        using Secret again = new(secret.ToSecureString());
        Assert.Equal(text, again.Reveal().ToString());
    });

    [Fact]
    public void A_token_in_a_configuration_file() => Holds(AnyText.Where(text => text.Length > 0), text =>
    {
        using Secret token = new(text);
        Uri server = new("https://k3s.example:6443");
        bool arrives = !HalfCharacter.IsIn(text) && !text.Any(char.IsControl) && text == text.Trim();
        if (!arrives)
        {
            Assert.Throws<K3sTokenException>(() => JoinCommand.Write(token, server, NodeRole.Agent, JoinCommandForm.Config));
            return;
        }

        string document = JoinCommand.Write(token, server, NodeRole.Agent, JoinCommandForm.Config);
        string cloudDocument = JoinCommand.Write(token, server, NodeRole.Agent, JoinCommandForm.CloudInit);
        YamlCharacters.MustBeAll(document + cloudDocument);
        YamlMapping config = (YamlMapping)Parse(document)!;
        Assert.Equal(text, ((YamlScalar)config.Entries[1].Value).Value);
        YamlMapping cloud = (YamlMapping)Parse(cloudDocument)!;
        YamlMapping file = (YamlMapping)((YamlSequence)cloud.Entries[0].Value).Items[0];
        YamlMapping inner = (YamlMapping)Parse(((YamlScalar)file.Entries[2].Value).Value!)!;
        Assert.Equal(text, ((YamlScalar)inner.Entries[1].Value).Value);
    });

    [Fact]
    public void A_duration() => Holds(
        from ticks in Gen.OneOf(Between(0, Duration.MaxValue.Ticks), Between(0, TimeSpan.TicksPerDay), Between(0, 1000))
        select new TimeSpan(ticks),
        span =>
        {
            long fraction = span.Ticks % TimeSpan.TicksPerSecond;
            string units = FormattableString.Invariant($"{span.Days}d{span.Hours}h{span.Minutes}m{span.Seconds}.{fraction:0000000}s");
            Assert.Equal(span, Duration.Parse(units, zeroAllowed: true));

            // The zero of a TimeSpan is that of an expired token in a file, and not the word for never.
            if (span != TimeSpan.Zero)
            {
                Assert.Equal(span, Duration.Parse(span.ToString("c", CultureInfo.InvariantCulture), zeroAllowed: true));
            }
        });

    [Fact]
    public void A_point_in_time_in_any_offset() => Holds(
        from ticks in Between(TimeSpan.TicksPerDay * 2, DateTime.MaxValue.Ticks - (2 * TimeSpan.TicksPerDay))
        from minutes in Gen.Choose(-14 * 60, 14 * 60)
        select new DateTimeOffset(new DateTime(ticks, DateTimeKind.Utc)).ToOffset(TimeSpan.FromMinutes(minutes)),
        time =>
        {
            string text = time.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffffzzz", CultureInfo.InvariantCulture);
            Assert.True(GoTime.TryParseRfc3339(text, out DateTime utc));
            Assert.Equal((time.UtcDateTime, DateTimeKind.Utc), (utc, utc.Kind));
        });

    [Fact]
    public void JSON_as_YAML() => Holds(Json(3), json => Assert.Equal(json, YamlJson.Of(Parse($"[{json}]")!)[1..^1]));

    [Fact]
    public void A_PEM_block() => Holds(
        from label in Gen.Elements("CERTIFICATE", "EC PRIVATE KEY", "X")
        from content in Gen.Choose(0, 255).Select(b => (byte)b).NonEmptyListOf()
        from around in Gen.Elements("", "# comment\n", "-----BEGIN X-----\n", "\r\n")
        select (label, content: content.ToArray(), around),
        block =>
        {
            byte[] pem = Encoding.ASCII.GetBytes($"{block.around}{PemEncoding.WriteString(block.label, block.content)}\n{block.around}");
            PemBlock k3s = Assert.Single(PemBlocks.Read(pem));
            Pem.Block own = Assert.Single(Pem.Read(pem));
            Assert.Equal((block.label, block.label), (k3s.Label, own.Label));
            Assert.Equal(block.content, k3s.Content);
            Assert.Equal(block.content, own.Der);
        });

    [Fact]
    public void A_new_token_by_way_of_its_Secret() => Holds(
        from id in Id
        from secret in IdSecret
        from description in Text
        from groups in Of(LowerCaseAndDigits + ":-", 5).Select(end => $"system:bootstrappers:{end}z").ListOf()
        from usages in Gen.SubListOf("authentication", "signing")
        from seconds in Gen.Choose(1, int.MaxValue)
        select (id, secret, description, groups, usages, expires: Then.AddSeconds(seconds)),
        token =>
        {
            using Secret secret = new(token.secret);
            NewBootstrapToken wanted = new() { Description = token.description, Groups = [.. token.groups], Usages = [.. token.usages] };
            using SecretBuffer body = BootstrapTokenBody.Create(wanted, token.id, secret, token.expires);
            SecretResource resource = ReadSecret(body.Written.ToArray());
            BootstrapToken read = BootstrapTokenReader.Read(resource, Context, Then);
            string shown = ConsoleText.Of(token.description);
            Assert.Equal((token.id, shown, token.expires), (read.Id, read.Description, read.Expires!.Value.ToUniversalTime()));
            Assert.Equal(token.groups, read.Groups);
            Assert.Equal(token.usages.Order(), read.Usages);
            Assert.True(BootstrapTokenReader.HoldsSecret(resource, secret));
        });

    [Fact]
    public void An_exec_plugins_answer() => Holds(
        from token in Of("!#$%&'()*+,-./:;<=>?@[]^_`{|}~\"\\" + LowerCaseAndDigits, 20)
        from pem in Text.Where(text => text.Length > 0)
        select (token, pem),
        answer =>
        {
            byte[] json = JsonSerializer.SerializeToUtf8Bytes(new
            {
                kind = "ExecCredential",
                apiVersion = "client.authentication.k8s.io/v1",
                status = new { answer.token, clientCertificateData = answer.pem, clientKeyData = answer.pem },
            });
            ExecCredential read = ExecCredential.Parse(json, "client.authentication.k8s.io/v1");
            Assert.Equal(answer.token, read.Token!.Reveal().ToString());
            Assert.Equal(answer.pem, Encoding.UTF8.GetString(read.ClientCertificate!));
            Assert.Equal(answer.pem, Encoding.UTF8.GetString(read.ClientKey!));
        });

    private static ClusterContext Context { get; } = new()
    {
        Name = "here",
        Server = new Uri("https://host:6443"),
        User = new ClusterUser(),
    };

    private static Gen<long> Between(long least, long most) =>
        from high in Gen.Choose(0, int.MaxValue)
        from low in Gen.Choose(0, int.MaxValue)
        select least + ((((long)high << 31) | (long)low) % (most - least + 1));

    private static Gen<string> Of(string alphabet, int length) =>
        Gen.Elements(alphabet.ToCharArray()).ArrayOf(length).Select(characters => new string(characters));

    /// <summary>JSON as .NET writes it.</summary>
    private static Gen<string> Json(int depth)
    {
        Gen<string> text = Text.Where(text => !text.Contains('\ufffe') && !text.Contains('\uffff')).Select(Quoted);
        Gen<string> scalar = Gen.OneOf(text, Gen.Elements("null", "true", "false", "0", "-1.5e3", "18446744073709551616"));
        return depth == 0
            ? scalar
            : Gen.OneOf(
                scalar,
                Json(depth - 1).ListOf().Select(items => $"[{string.Join(',', items)}]"),
                text.Where(key => key != "\"<<\"").ListOf().SelectMany(
                    keys => Json(depth - 1).ListOf(keys.Distinct().Count()).Select(values =>
                        $"{{{string.Join(',', keys.Distinct().Zip(values, (key, value) => $"{key}:{value}"))}}}")));
    }

    private static string Quoted(string text)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStringValue(text);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static YamlNode? Parse(string text) => new YamlDotNetParser().Parse(text);

    private static SecretResource ReadSecret(byte[] body)
    {
        using HttpResponseMessage response = new() { Content = new ByteArrayContent(body) };
        response.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return SecretReader.ReadAsync(response, CancellationToken.None).GetAwaiter().GetResult();
    }

    private static void Holds<T>(Gen<T> values, Action<T> check, [CallerMemberName] string method = "")
        where T : notnull
    {
        int seed = FuzzRun.Seed;
        TestContext.Current.TestOutputHelper?.WriteLine($"{FuzzRun.Cases} cases, {FuzzRun.SeedVariable}={seed}.");
        Config config = Config.QuickThrowOnFailure.WithMaxTest(FuzzRun.Cases).WithReplay((ulong)seed, 1).WithEndSize(60);
        Check.One(config, Prop.ForAll(values.ToArbitrary(), value =>
        {
            Exception? wrong = Record.Exception(() => check(value));
            Assert.True(
                wrong is null,
                $"{wrong}\nInput: {Fuzzer.Escape(Encoding.UTF8.GetBytes(value.ToString()!))}\nAgain: {FuzzRun.Again(seed, method, FuzzRun.Cases)}");
        }));
    }
}
