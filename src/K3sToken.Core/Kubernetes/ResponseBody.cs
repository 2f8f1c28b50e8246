using System;
using System.Buffers;
using System.IO;
using System.Net.Http;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;

namespace K3sToken.Kubernetes;

/// <summary>The body of an answer, read with a bound on its size.</summary>
internal static class ResponseBody
{
    /// <summary>The most bytes that the body of one answer may have, unpacked.</summary>
    public const int MostBytes = 64 << 20;

    /// <summary>The most bytes that one object may have, alone or in a list. The API server itself takes 3 MiB at most.</summary>
    public const int MostObjectBytes = 8 << 20;

    /// <summary>How deep JSON may nest: deeper than the 10,000 levels of what the API server takes. Whoever may write one Secret may nest its managedFields
    /// so, and must not end a listing by it.</summary>
    public const int MostDepth = 10_100;

    /// <summary>True if the answer says that its body is JSON.</summary>
    public static bool IsJson(HttpResponseMessage response) =>
        string.Equals(response.Content.Headers.ContentType?.MediaType, "application/json", StringComparison.OrdinalIgnoreCase);

    /// <summary>A body as a document; the caller disposes it.</summary>
    public static JsonDocument Parse(ReadOnlyMemory<byte> body) => JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = MostDepth });

    /// <summary>Makes sure that the body is JSON before anything of it is read.</summary>
    /// <exception cref="InvalidDataException">It says that it is something else.</exception>
    public static void MustBeJson(HttpResponseMessage response)
    {
        if (!IsJson(response))
        {
            throw new InvalidDataException($"it is {TypeOf(response)} and not JSON");
        }
    }

    /// <summary>What is made of a whole body that must be JSON.</summary>
    /// <exception cref="InvalidDataException">It is something else, is broken, or has more bytes than <paramref name="most"/>.</exception>
    public static async Task<T> ReadJsonAsync<T>(
        HttpResponseMessage response, int most, Func<ReadOnlyMemory<byte>, T> read, CancellationToken cancellation)
        where T : class
    {
        MustBeJson(response);
        try
        {
            return await ReadAllAsync(response, most, read, cancellation).ConfigureAwait(false) ?? throw TooLarge(most);
        }
        catch (Exception e) when (IsBroken(e))
        {
            throw Broken();
        }
    }

    /// <summary>What is made of the whole body; null if it has more bytes than <paramref name="most"/>. The body is zeroed then, since it may
    /// hold secrets, or quote them.</summary>
    public static async Task<T?> ReadAllAsync<T>(
        HttpResponseMessage response, int most, Func<ReadOnlyMemory<byte>, T> read, CancellationToken cancellation)
        where T : class
    {
        using Stream stream = await OpenAsync(response, cancellation).ConfigureAwait(false);
        using CancellationTokenRegistration ending = cancellation.Register(response.Dispose);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(8192);
        try
        {
            int length = 0;
            while (true)
            {
                int count = await ReadAsync(stream, buffer, length, cancellation).ConfigureAwait(false);
                length += count;
                if (length > most)
                {
                    return null;
                }

                if (count == 0)
                {
                    return read(buffer.AsMemory(0, length));
                }

                if (length == buffer.Length)
                {
                    Grow(ref buffer, length);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }

    /// <summary>The body as a stream.</summary>
    public static Task<Stream> OpenAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
#if NETFRAMEWORK
        cancellation.ThrowIfCancellationRequested();
        return response.Content.ReadAsStreamAsync();
#else
        return response.Content.ReadAsStreamAsync(cancellation);
#endif
    }

    /// <summary>Reads what there is into the free end of the buffer.</summary>
    public static async Task<int> ReadAsync(Stream stream, byte[] buffer, int from, CancellationToken cancellation)
    {
        try
        {
#pragma warning disable CA1835 // The form with Memory is not there on .NET Framework.
            return await stream.ReadAsync(buffer, from, buffer.Length - from, cancellation).ConfigureAwait(false);
#pragma warning restore CA1835
        }
        catch (Exception e) when (e is not OperationCanceledException && cancellation.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellation);
        }
    }

    /// <summary>Exchanges a pooled buffer for one twice its size; the old one goes back cleared, since bodies hold secrets.</summary>
    public static void Grow(ref byte[] buffer, int used)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        Buffer.BlockCopy(buffer, 0, larger, 0, used);
        ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        buffer = larger;
    }

    /// <summary>True for what is thrown on broken JSON. Of a text that is no UTF-8, or half of a character, .NET says only that the operation
    /// is invalid.</summary>
    public static bool IsBroken(Exception e) => e is JsonException || e.GetType() == typeof(InvalidOperationException);

    /// <summary>The body is larger than anything that was asked for.</summary>
    public static InvalidDataException TooLarge(int most) => new($"it is larger than {most >> 20} MiB");

    /// <summary>The body does not keep to the rules of JSON.</summary>
    public static InvalidDataException Broken() => new("it is broken JSON, or ends before it is complete");

    private static string TypeOf(HttpResponseMessage response) =>
        response.Content.Headers.ContentType?.MediaType is { } type ? ServerText.Clean(EchoedCredentials.Remove(type, response)) : "of an unnamed type";
}
