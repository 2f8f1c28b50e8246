using System;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Kubernetes;
using K3sToken.Supervisor;
using Xunit;

namespace K3sToken.Tests.Kubernetes;

/// <summary>How large an answer may be: the largest that is taken, and the smallest that is not. Bodies are sent packed, and count unpacked.</summary>
public sealed class AnswerSizeTests
{
    private const int KiB = 1 << 10;
    private const int MiB = 1 << 20;

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_object_has_8_MiB_at_most()
    {
        const string Secret = """{"kind":"Secret","metadata":{"name":"x"}}""";

        Assert.Equal("x", (await GetAsync(200, Filled(Secret, 8 * MiB)))!.Name);
        await RefusedAsync("larger than 8 MiB", () => GetAsync(200, Filled(Secret, (8 * MiB) + 1)));
    }

    [Fact]
    public async Task A_list_has_64_MiB_at_most()
    {
        string item = "\"" + new string('a', 1021) + "\",";
        string list = """{"kind":"SecretList","items":[""" + string.Concat(Enumerable.Repeat(item, (64 << 10) - 1)) + """{"metadata":{"name":"x"}}]}""";

        Assert.Equal("x", Assert.Single((await ListAsync(Filled(list, 64 * MiB))).Items).Name);
        await RefusedAsync("larger than 64 MiB", () => ListAsync(Filled(list, (64 * MiB) + 1)));
    }

    [Fact]
    public async Task An_object_of_a_list_has_8_MiB_at_most()
    {
        static byte[] List(int size)
        {
            string start = """{"metadata":{"name":"x"},"y":" """;
            return Encoding.ASCII.GetBytes($$"""{"kind":"SecretList","items":[{{start}}{{new string('a', size - start.Length - 2)}}"}]}""");
        }

        Assert.Equal("x", Assert.Single((await ListAsync(List(8 * MiB))).Items).Name);
        await RefusedAsync("an object larger than 8 MiB", () => ListAsync(List((8 * MiB) + KiB)));
    }

    [Fact]
    public async Task The_words_of_an_error_have_1_MiB_at_most()
    {
        const string Status = """{"kind":"Status","apiVersion":"v1","message":"in so many words","reason":"Forbidden","code":403}""";

        Task<K3sTokenException> Error(int size) => Assert.ThrowsAsync<K3sTokenException>(() => GetAsync(403, Filled(Status, size)));

        Assert.Contains("in so many words", (await Error(MiB)).Message);
        K3sTokenException error = await Error(MiB + 1);
        Assert.Equal(ErrorId.AccessDenied, error.Id);
        Assert.DoesNotContain("in so many words", error.Message);
    }

    [Fact]
    public async Task An_answer_of_a_supervisor_has_1_MiB_at_most()
    {
        async Task<int> LengthAsync(int size)
        {
            using ApiFixture fixture = ApiFixture.Answering(Answer.Of(200, "text/plain", new string('x', size)));
            using SupervisorClient client = new(fixture.Server.Address, null, new SupervisorAccess(TimeSpan.FromSeconds(30), fixture.Notices));
            return (await client.GetAsync("/x", null, Ending)).Body.Length;
        }

        Assert.Equal(MiB, await LengthAsync(MiB));
        await RefusedAsync("larger than anything that a K3s server sends there", () => LengthAsync(MiB + 1));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(60)]
    public async Task Headers_have_64_KiB_at_most(int lines)
    {
        async Task<string> NameAsync(int size)
        {
            string header = "X: " + new string('x', (size / lines) - 5);
            using ApiFixture fixture = ApiFixture.Answering(
                Answer.Json(201, """{"kind":"Secret","metadata":{"name":"x"}}""", [.. Enumerable.Repeat(header, lines)]));
            return (await fixture.Open().CreateSecretAsync("x", new byte[2], Ending)).Name;
        }

        Assert.Equal("x", await NameAsync(63 * KiB));
        K3sTokenException error = await Assert.ThrowsAsync<K3sTokenException>(() => NameAsync(65 * KiB));
        Assert.Equal(ErrorId.ClusterUnreachable, error.Id);
    }

    // The text, and spaces after it.
    private static byte[] Filled(string text, int size)
    {
        byte[] filled = new byte[size];
        Array.Fill(filled, (byte)' ');
        Encoding.ASCII.GetBytes(text, filled);
        return filled;
    }

    private static Answer Packed(int status, byte[] body)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(body);
        }

        string head = $"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: {packed.Length}\r\n\r\n";
        return new Answer([.. Encoding.ASCII.GetBytes(head), .. packed.ToArray()]);
    }

    private static async Task<SecretResource?> GetAsync(int status, byte[] body)
    {
        using ApiFixture fixture = ApiFixture.Answering(Packed(status, body));
        return await fixture.Open().GetSecretAsync("x", Ending);
    }

    private static async Task<SecretPage> ListAsync(byte[] body)
    {
        using ApiFixture fixture = ApiFixture.Answering(Packed(200, body));
        return await fixture.Open().ListSecretsAsync("x", 0, null, null, Ending);
    }

    private static async Task RefusedAsync(string why, Func<Task> read)
    {
        K3sTokenException error = await Assert.ThrowsAsync<K3sTokenException>(read);
        Assert.Equal(ErrorId.ServerError, error.Id);
        Assert.Contains(why, error.Message);
    }
}
