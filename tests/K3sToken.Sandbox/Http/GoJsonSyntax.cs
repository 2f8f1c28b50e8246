using System;
using System.Globalization;

namespace K3sToken.Sandboxing.Http;

/// <summary>Says what is wrong with a text that is not JSON, in the words of Go.</summary>
internal ref struct GoJsonSyntax
{
    private const int DeepestNesting = 10000;

    private readonly ReadOnlySpan<byte> _text;
    private int _position;
    private int _depth;

    private GoJsonSyntax(ReadOnlySpan<byte> text) => _text = text;

    /// <summary>Null where the text is one JSON value and nothing else.</summary>
    public static string? Error(ReadOnlySpan<byte> text)
    {
        GoJsonSyntax syntax = new(text);
        try
        {
            syntax.Value("looking for beginning of value");
            syntax.SkipSpace();
            return syntax._position == text.Length ? null : syntax.Unexpected("after top-level value");
        }
        catch (FormatException exception)
        {
            return exception.Message;
        }
    }

    private void Value(string place)
    {
        SkipSpace();
        switch (Peek())
        {
            case '{':
                Object();
                break;
            case '[':
                Array();
                break;
            case '"':
                String();
                break;
            case 't':
                Literal("true");
                break;
            case 'f':
                Literal("false");
                break;
            case 'n':
                Literal("null");
                break;
            case '-' or (>= '0' and <= '9'):
                Number();
                break;
            default:
                throw new FormatException(Unexpected(place));
        }
    }

    private void Object()
    {
        Enter();
        SkipSpace();
        if (Peek() == '}')
        {
            Leave();
            return;
        }

        while (true)
        {
            SkipSpace();
            if (Peek() != '"')
            {
                throw new FormatException(Unexpected("looking for beginning of object key string"));
            }

            String();
            SkipSpace();
            Expect(':', "after object key");
            Value("looking for beginning of value");
            SkipSpace();
            if (Peek() == '}')
            {
                Leave();
                return;
            }

            Expect(',', "after object key:value pair");
        }
    }

    private void Array()
    {
        Enter();
        SkipSpace();
        if (Peek() == ']')
        {
            Leave();
            return;
        }

        while (true)
        {
            Value("looking for beginning of value");
            SkipSpace();
            if (Peek() == ']')
            {
                Leave();
                return;
            }

            Expect(',', "after array element");
        }
    }

    private void String()
    {
        _position++;
        while (Peek() != '"')
        {
            if (Peek() < ' ')
            {
                throw new FormatException(Unexpected("in string literal"));
            }

            if (_text[_position++] == '\\')
            {
                Escape();
            }
        }

        _position++;
    }

    private void Escape()
    {
        char escaped = Peek();
        if (!"\"\\/bfnrtu".Contains(escaped, StringComparison.Ordinal))
        {
            throw new FormatException(Unexpected("in string escape code"));
        }

        _position++;
        for (int i = 0; escaped == 'u' && i < 4; i++)
        {
            if (!char.IsAsciiHexDigit(Peek()))
            {
                throw new FormatException(Unexpected("in \\u hexadecimal character escape"));
            }

            _position++;
        }
    }

    private void Literal(string word)
    {
        foreach (char expected in word)
        {
            Expect(expected, $"in literal {word} (expecting '{expected}')");
        }
    }

    private void Number()
    {
        if (Peek() == '-')
        {
            _position++;
        }

        if (More() && Peek() == '0')
        {
            _position++;
        }
        else
        {
            Digits("in numeric literal");
        }

        if (More() && Peek() == '.')
        {
            _position++;
            Digits("after decimal point in numeric literal");
        }

        if (More() && Peek() is 'e' or 'E')
        {
            _position++;
            if (Peek() is '+' or '-')
            {
                _position++;
            }

            Digits("in exponent of numeric literal");
        }
    }

    private void Digits(string place)
    {
        if (!char.IsAsciiDigit(Peek()))
        {
            throw new FormatException(Unexpected(place));
        }

        while (More() && char.IsAsciiDigit(Peek()))
        {
            _position++;
        }
    }

    private void Expect(char expected, string place)
    {
        if (Peek() != expected)
        {
            throw new FormatException(Unexpected(place));
        }

        _position++;
    }

    private void Enter()
    {
        _position++;
        if (++_depth > DeepestNesting)
        {
            throw new FormatException("exceeded max depth");
        }
    }

    private void Leave()
    {
        _position++;
        _depth--;
    }

    private readonly bool More() => _position < _text.Length;

    private readonly char Peek() =>
        More() ? (char)_text[_position] : throw new FormatException("unexpected end of JSON input");

    private void SkipSpace()
    {
        while (More() && _text[_position] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n')
        {
            _position++;
        }
    }

    private readonly string Unexpected(string place)
    {
        char character = Peek();
        string quoted = character switch
        {
            '\'' => "'\\''",
            '"' => "'\"'",
            _ => $"'{GoText.Quote(character.ToString())[1..^1]}'",
        };
        return string.Create(CultureInfo.InvariantCulture, $"invalid character {quoted} {place}");
    }
}
