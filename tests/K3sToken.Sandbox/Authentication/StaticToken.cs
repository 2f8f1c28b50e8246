using System.Collections.Generic;

namespace K3sToken.Sandboxing.Authentication;

/// <summary>A bearer token that the server knows from its start, for example of a service account.</summary>
/// <param name="Token">The token.</param>
/// <param name="User">The user, for example <c>system:serviceaccount:default:default</c>.</param>
/// <param name="Groups">The user's groups; <c>system:authenticated</c> is added.</param>
public sealed record StaticToken(string Token, string User, params IReadOnlyList<string> Groups);
