using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography.X509Certificates;
using K3sToken.Sandboxing.Secrets;
using Microsoft.AspNetCore.Http;

namespace K3sToken.Sandboxing.Authentication;

/// <summary>Finds out who makes a request: by client certificate, by a static token, by a bootstrap token.</summary>
internal sealed class Authenticator(SecretStore secrets, SandboxClock clock, IReadOnlyList<StaticToken> tokens, bool cacheBootstrapTokens)
{
    private static readonly TimeSpan CachedFor = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, (Caller Caller, DateTimeOffset Until)> _cache = new();

    /// <summary>The caller, or null where nothing proves who it is.</summary>
    public Caller? Authenticate(HttpContext context, X509Certificate2 clientAuthority)
    {
        Caller? caller = context.Connection.ClientCertificate is { } certificate ? ByCertificate(certificate, clientAuthority) : null;
        caller ??= BearerToken(context.Request) is string token ? ByToken(token) : null;
        return caller?.WithAuthenticatedGroup();
    }

    /// <summary>Whom a client certificate is for, or null where it proves nothing.</summary>
    public Caller? ByCertificate(X509Certificate2 certificate, X509Certificate2 clientAuthority)
    {
        using X509Chain chain = new();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(clientAuthority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = clock.Now.UtcDateTime;
        if (!chain.Build(certificate))
        {
            return null;
        }

        ILookup<string, string> names = certificate.SubjectName.EnumerateRelativeDistinguishedNames()
            .ToLookup(part => part.GetSingleElementType().Value!, part => part.GetSingleElementValue() ?? "");
        string hash = certificate.GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256);
        return new Caller(names["2.5.4.3"].First(), [.. names["2.5.4.10"]])
        {
            CredentialId = "X509SHA256=" + hash.ToLowerInvariant(),
        };
    }

    private Caller? ByToken(string token)
    {
        StaticToken? known = tokens.FirstOrDefault(candidate => candidate.Token == token);
        return known is not null ? new Caller(known.User, known.Groups) : ByBootstrapToken(token);
    }

    /// <summary>Whom a bootstrap token is for, or null where it is none that authenticates.</summary>
    public Caller? ByBootstrapToken(string token)
    {
        DateTimeOffset now = clock.Now;
        if (_cache.TryGetValue(token, out var cached) && now < cached.Until)
        {
            return cached.Caller;
        }

        if (BootstrapToken.Split(token) is not var (id, secret)
            || secrets.Get(BootstrapToken.NamePrefix + id) is not Secret stored
            || BootstrapToken.Groups(stored, id, secret, now) is not { } groups)
        {
            return null;
        }

        Caller caller = new("system:bootstrap:" + id, groups);
        if (cacheBootstrapTokens)
        {
            _cache[token] = (caller, now + CachedFor);
        }

        return caller;
    }

    /// <summary>The token that comes with a request, or null.</summary>
    public static string? BearerToken(HttpRequest request)
    {
        string[] parts = (request.Headers.Authorization.FirstOrDefault() ?? "").Trim().Split(' ', 3);
        return parts.Length >= 2 && parts[0].Equals("bearer", StringComparison.OrdinalIgnoreCase) && parts[1].Length > 0 ? parts[1] : null;
    }
}
