using System;
using System.Collections.Generic;

namespace K3sToken.Tests.Fuzzing;

/// <summary>
/// A reader of what others wrote. Whatever the bytes are, it reads them or refuses them with a <see cref="K3sTokenException"/>.
/// </summary>
/// <param name="Name">What it reads.</param>
/// <param name="Seeds">Good and bad inputs to begin with.</param>
/// <param name="Words">Pieces that mean something in such an input.</param>
/// <param name="Read">Reads an input, and checks what must hold of what it read.</param>
internal sealed record FuzzTarget(string Name, IReadOnlyList<byte[]> Seeds, IReadOnlyList<string> Words, Action<byte[]> Read);
