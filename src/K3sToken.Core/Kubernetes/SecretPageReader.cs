using System;
using System.Buffers;
using System.Collections.Generic;
using System.IO;
using System.Net.Http;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;

namespace K3sToken.Kubernetes;

/// <summary>Reads a list of Secrets from the JSON of an answer while it arrives. An item that is no Secret hides no other.</summary>
internal sealed class SecretPageReader
{
    // Many times what is asked for; each takes more memory than bytes of the answer.
    private const int MostItems = 50_000;

    private readonly Action<string?>? _onContinue;
    private readonly List<SecretResource> _items = [];
    private JsonReaderState _state = new(new JsonReaderOptions { MaxDepth = ResponseBody.MostDepth });
    private bool _opened;
    private bool _inItems;
    private bool _ended;
    private string _kind = "";
    private string? _continueFrom;

    private SecretPageReader(Action<string?>? onContinue) => _onContinue = onContinue;

    /// <summary>Reads a SecretList.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="onContinue">Called with what asks for the next page once the list's metadata was read, which comes first.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="InvalidDataException">The body is no SecretList; the message says why and quotes nothing of it.</exception>
    public static Task<SecretPage> ReadAsync(HttpResponseMessage response, Action<string?>? onContinue, CancellationToken cancellation) =>
        new SecretPageReader(onContinue).ReadWholeAsync(response, cancellation);

    private async Task<SecretPage> ReadWholeAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        ResponseBody.MustBeJson(response);
        using Stream stream = await ResponseBody.OpenAsync(response, cancellation).ConfigureAwait(false);
        using CancellationTokenRegistration ending = cancellation.Register(response.Dispose);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(64 << 10);
        try
        {
            int length = 0;
            long total = 0;
            int used = 1;
            while (true)
            {
                int read = await ResponseBody.ReadAsync(stream, buffer, length, cancellation).ConfigureAwait(false);
                length += read;
                total += read;
                if (total > ResponseBody.MostBytes)
                {
                    throw ResponseBody.TooLarge(ResponseBody.MostBytes);
                }

                // What did not hold a whole step is looked at again only when the buffer is full, or reading would be quadratic.
                if (used > 0 || length == buffer.Length || read == 0)
                {
                    used = Take(buffer.AsSpan(0, length), last: read == 0);
                    length -= used;
                    Buffer.BlockCopy(buffer, used, buffer, 0, length);
                }

                if (read == 0)
                {
                    return _ended ? Page() : throw ResponseBody.Broken();
                }

                if (length > ResponseBody.MostObjectBytes)
                {
                    throw new InvalidDataException($"it holds an object larger than {ResponseBody.MostObjectBytes >> 20} MiB");
                }

                if (length == buffer.Length)
                {
                    ResponseBody.Grow(ref buffer, length);
                }
            }
        }
        catch (Exception e) when (ResponseBody.IsBroken(e))
        {
            throw ResponseBody.Broken();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }

    private SecretPage Page() => _kind == "SecretList"
        ? new SecretPage(_items, _continueFrom)
        : throw new InvalidDataException("it is JSON, but no list of Secrets");

    // Takes whole steps only: what ends in the middle of one is tried again when more has arrived.
    private int Take(ReadOnlySpan<byte> data, bool last)
    {
        Utf8JsonReader reader = new(data, last, _state);
        Utf8JsonReader checkpoint = reader;
        while (Step(ref reader))
        {
            checkpoint = reader;
        }

        _state = checkpoint.CurrentState;
        return (int)checkpoint.BytesConsumed;
    }

    private bool Step(ref Utf8JsonReader reader)
    {
        if (!reader.Read())
        {
            return false;
        }

        if (_inItems)
        {
            return StepItem(ref reader);
        }

        if (!_opened)
        {
            _opened = reader.TokenType == JsonTokenType.StartObject;
            return _opened ? true : throw ResponseBody.Broken();
        }

        if (reader.TokenType == JsonTokenType.EndObject)
        {
            _ended = true;
            return true;
        }

        return StepProperty(ref reader);
    }

    private bool StepProperty(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("items"u8))
        {
            return reader.Read() && (reader.TokenType == JsonTokenType.StartArray ? _inItems = true : reader.TrySkip());
        }

        if (reader.ValueTextEquals("metadata"u8))
        {
            return reader.Read() && ReadContinue(ref reader);
        }

        bool isKind = reader.ValueTextEquals("kind"u8);
        if (!reader.Read())
        {
            return false;
        }

        _kind = isKind ? SecretReader.Text(ref reader) : _kind;
        return reader.TrySkip();
    }

    private bool StepItem(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.EndArray)
        {
            _inItems = false;
            return true;
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return reader.TrySkip();
        }

        if (!SecretReader.TryRead(ref reader, out SecretResource secret))
        {
            return false;
        }

        if (secret.Name.Length > 0)
        {
            _items.Add(_items.Count < MostItems ? secret : throw new InvalidDataException("it has more Secrets than were asked for"));
        }

        return true;
    }

    private bool ReadContinue(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return reader.TrySkip();
        }

        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.EndObject)
            {
                _onContinue?.Invoke(_continueFrom);
                return true;
            }

            bool isContinue = reader.ValueTextEquals("continue"u8);
            if (!reader.Read())
            {
                return false;
            }

            if (isContinue)
            {
                _continueFrom = SecretReader.Text(ref reader) is { Length: > 0 } from ? from : null;
            }

            if (!reader.TrySkip())
            {
                return false;
            }
        }

        return false;
    }
}
