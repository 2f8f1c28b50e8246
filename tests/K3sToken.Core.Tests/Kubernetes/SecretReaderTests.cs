using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Kubernetes;
using Xunit;

namespace K3sToken.Tests.Kubernetes;

public sealed class SecretReaderTests
{
    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> RecordedBodies(string kind)
    {
        TheoryData<string, string> bodies = [];
        foreach (string file in new[] { "secrets/exchanges.json", "secrets/paging.json" })
        {
            foreach (JsonElement exchange in Recorded.List(file, "exchanges"))
            {
                string body = exchange.GetProperty("response").TryGetProperty("bodyText", out JsonElement text) ? text.GetString()! : "";
                if (body.StartsWith('{') && JsonDocument.Parse(body).RootElement.TryGetProperty("kind", out JsonElement of)
                    && of.GetString() == kind)
                {
                    bodies.Add(file, exchange.GetProperty("id").GetString()!);
                }
            }
        }

        return bodies;
    }

    [Theory]
    [MemberData(nameof(RecordedBodies), "SecretList")]
    public async Task A_recorded_list_is_read_whole(string file, string id)
    {
        string body = BodyOf(file, id);
        JsonElement expected = JsonDocument.Parse(body).RootElement;

        // Parts of 7 bytes end in the middle of everything.
        foreach (int part in new[] { 7, 1000, int.MaxValue })
        {
            SecretPage page = await ReadPage(body, part);

            bool goesOn = expected.GetProperty("metadata").TryGetProperty("continue", out JsonElement from);
            Assert.Equal(goesOn ? from.GetString() : null, page.ContinueFrom);
            Assert.Equal(expected.GetProperty("items").GetArrayLength(), page.Items.Count);
            foreach ((JsonElement e, SecretResource a) in expected.GetProperty("items").EnumerateArray().Zip(page.Items))
            {
                MustAgree(e, a);
            }
        }
    }

    [Theory]
    [MemberData(nameof(RecordedBodies), "Secret")]
    public async Task A_recorded_secret_is_read_whole(string file, string id)
    {
        string body = BodyOf(file, id);

        MustAgree(JsonDocument.Parse(body).RootElement, await SecretReader.ReadAsync(Response(body), Ending));
    }

    [Fact]
    public async Task A_field_of_an_unexpected_type_counts_as_absent_and_hides_no_other_secret()
    {
        SecretPage page = await ReadPage("""
            {"kind":"SecretList","metadata":{"continue":5},"items":[
              {"metadata":{"name":"a","uid":7,"resourceVersion":[1],"creationTimestamp":"yesterday","deletionTimestamp":null},
               "type":{"x":1},"data":[1,2]},
              17, null, "text", [{"metadata":{"name":"nested"}}], {"metadata":"none"}, {},
              {"metadata":{"name":"b"},"data":{"token-id":5,"token-secret":"***","expiration":null,"other":{"deep":["x"]},"good":"AQ=="}},
              {"data":null,"metadata":{"deletionTimestamp":"2026-01-01T00:00:00Z","name":"c"}}
            ]}
            """);

        Assert.Equal(["a", "b", "c"], page.Items.Select(s => s.Name));
        Assert.Null(page.ContinueFrom);
        SecretResource odd = page.Items[0];
        Assert.Equal(("", "", "", false, default), (odd.Uid, odd.ResourceVersion, odd.Type, odd.BeingDeleted, odd.Created));
        Assert.Empty(odd.Data);
        Assert.Equal(["token-id", "token-secret", "expiration", "other", "good"], page.Items[1].Data.Select(d => d.Key));
        Assert.Equal([[], [], [], [], [1]], page.Items[1].Data.Select(d => d.Value));
        Assert.True(page.Items[2].BeingDeleted);
    }

    [Fact]
    public async Task A_secret_that_is_nested_deeply_hides_no_other()
    {
        // As a kube-apiserver hands out the managedFields that it was given.
        string nested = string.Concat(Enumerable.Repeat("{\"f:a\":", 5000)) + "{}" + new string('}', 5000);
        string odd = $$$"""{"kind":"Secret","metadata":{"name":"a","managedFields":[{"fieldsV1":{{{nested}}}}]},"data":{"k":"AQ=="}}""";

        SecretPage page = await ReadPage($$"""{"kind":"SecretList","items":[{{odd}},{"metadata":{"name":"b"} }]}""");

        Assert.Equal(["a", "b"], page.Items.Select(s => s.Name));
        Assert.Equal([1], page.Items[0]["k"]);
        Assert.Equal([1], (await SecretReader.ReadAsync(Response(odd), Ending))["k"]);
    }

    [Fact]
    public async Task A_list_without_items_is_empty()
    {
        Assert.Empty((await ReadPage("""{"kind":"SecretList","items":null}""")).Items);
        Assert.Empty((await ReadPage("""{"items":[],"kind":"SecretList","metadata":null}""")).Items);
    }

    [Fact]
    public async Task A_secret_larger_than_the_buffer_is_read()
    {
        byte[] large = new byte[300_000];
        Random.Shared.NextBytes(large);
        string base64 = Convert.ToBase64String(large);
        string body = $$$"""{"kind":"SecretList","items":[{"metadata":{"name":"large"},"data":{"k":"{{{base64}}}"}}]}""";

        Assert.Equal(large, (await ReadPage(body)).Items.Single()["k"]);
    }

    [Fact]
    public async Task The_keys_of_bootstrap_tokens_are_one_string_each()
    {
        SecretPage page = await ReadPage("""
            {"kind":"SecretList","items":[
              {"metadata":{"name":"a"},"data":{"token-id":""}},
              {"metadata":{"name":"b"},"data":{"token-id":""}}]}
            """);

        Assert.Same(page.Items[0].Data[0].Key, page.Items[1].Data[0].Key);
    }

    [Theory]
    [InlineData("""{"kind":"SecretList","items":[{"metadata":{"name":"a"}}""", "ends before")]
    [InlineData("""{"kind":"SecretList","items":[}""", "broken JSON")]
    [InlineData("""{"kind":"SecretList","items":[]} {}""", "broken JSON")]
    [InlineData("", "ends before")]
    [InlineData("[]", "broken JSON")]
    [InlineData("nonsense", "broken JSON")]
    [InlineData("""{"kind":"Table","items":[]}""", "no list of Secrets")]
    [InlineData("""{"items":[]}""", "no list of Secrets")]
    [InlineData("""{"kind":"SecretList","items":[{"metadata":{"name":"half \ud83d"}}]}""", "broken JSON")]
    [InlineData("""{"kind":"SecretList","items":[{"data":{"half \udd11":""}}]}""", "broken JSON")]
    [InlineData("""{"kind":"SecretList","metadata":{"continue":"\ud83d\ud83d"}}""", "broken JSON")]
    public async Task What_is_no_list_is_an_error_that_says_why(string body, string says)
    {
        Assert.Contains(says, (await Assert.ThrowsAsync<InvalidDataException>(() => ReadPage(body))).Message);
        Assert.Contains(says, (await Assert.ThrowsAsync<InvalidDataException>(() => ReadPage(body, 1))).Message);
    }

    [Theory]
    [InlineData("""{"kind":"Secret","metadata":{"name":"a"}""")]
    [InlineData("""{"kind":"ConfigMap","metadata":{"name":"a"}}""")]
    [InlineData("""{"kind":"Secret","metadata":{}}""")]
    [InlineData("""{"kind":"Secret","metadata":{"name":"a"}}{}""")]
    [InlineData("""{"kind":"Secret","metadata":{"name":"half \ud83d"}}""")]
    [InlineData("[]")]
    [InlineData("")]
    public async Task What_is_no_secret_is_an_error(string body) =>
        await Assert.ThrowsAsync<InvalidDataException>(() => SecretReader.ReadAsync(Response(body), Ending));

    [Fact]
    public async Task A_text_that_is_no_UTF_8_is_broken_JSON()
    {
        byte[] body = [.. "{\"kind\":\"Secret\",\"metadata\":{\"name\":\"a"u8, 0xff, .. "\"}}"u8];

        InvalidDataException thrown = await Assert.ThrowsAsync<InvalidDataException>(() => SecretReader.ReadAsync(Response(body), Ending));

        Assert.Contains("broken JSON", thrown.Message);
    }

    private static string BodyOf(string file, string id) => Recorded.List(file, "exchanges")
        .First(e => e.GetProperty("id").GetString() == id).GetProperty("response").GetProperty("bodyText").GetString()!;

    private static Task<SecretPage> ReadPage(string body, int part = int.MaxValue) =>
        SecretPageReader.ReadAsync(Response(body, part), null, Ending);

    private static HttpResponseMessage Response(string body, int part = int.MaxValue) => Response(Encoding.UTF8.GetBytes(body), part);

    private static HttpResponseMessage Response(byte[] body, int part = int.MaxValue) => new()
    {
        Content = new StreamContent(new StreamInParts(body, part))
        {
            Headers = { ContentType = new MediaTypeHeaderValue("application/json") },
        },
    };

    private static void MustAgree(JsonElement expected, SecretResource actual)
    {
        JsonElement metadata = expected.GetProperty("metadata");
        Assert.Equal(metadata.GetProperty("name").GetString(), actual.Name);
        Assert.Equal(metadata.GetProperty("uid").GetString(), actual.Uid);
        string? version = metadata.TryGetProperty("resourceVersion", out JsonElement given) ? given.GetString() : "";
        Assert.Equal(version, actual.ResourceVersion);
        Assert.Equal(metadata.GetProperty("creationTimestamp").GetDateTimeOffset().UtcDateTime, actual.Created);
        Assert.Equal(metadata.TryGetProperty("deletionTimestamp", out _), actual.BeingDeleted);
        Assert.Equal(expected.TryGetProperty("type", out JsonElement type) ? type.GetString() : "", actual.Type);
        Dictionary<string, string> data = expected.TryGetProperty("data", out JsonElement values)
            ? values.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString() ?? "")
            : [];
        Assert.Equal(data, actual.Data.ToDictionary(d => d.Key, d => Convert.ToBase64String(d.Value)));
    }

    private sealed class StreamInParts(byte[] bytes, int part) : MemoryStream(bytes)
    {
        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            base.ReadAsync(buffer, offset, Math.Min(count, part), cancellationToken);
    }
}
