using System;

namespace K3sToken.Supervisor;

/// <summary>One of the two halves that .NET writes some characters with, without the other: it has no encoding.</summary>
internal static class HalfCharacter
{
    public static bool IsIn(ReadOnlySpan<char> text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(text[i]))
            {
                return true;
            }
        }

        return false;
    }
}
