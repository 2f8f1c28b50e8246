using System;
using System.Linq;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using K3sToken.Bootstrap;
using K3sToken.Kubernetes;
using K3sToken.Tokens;
using Xunit;

namespace K3sToken.Tests.Bootstrap;

public sealed class BootstrapTokenStoreTests
{
    private const string Name = "bootstrap-token-abc123";

    private readonly FakeApi _api = new();
    private readonly BootstrapTokenStore _store;

    public BootstrapTokenStoreTests() => _store = new BootstrapTokenStore(_api);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_token_is_created_with_the_defaults_of_k3s_token_create()
    {
        SecretResource created = await _store.CreateAsync(new NewBootstrapToken(), Cancellation);
        BootstrapToken token = _store.Read(created);

        Assert.True(token.CanAuthenticate);
        Assert.Equal(["authentication", "signing"], token.Usages);
        Assert.Equal(["system:bootstrappers:k3s:default-node-token"], token.Groups);
        Assert.Equal("", token.Description);
        Assert.InRange(token.TimeToLive!.Value, TimeSpan.FromHours(24) - TimeSpan.FromSeconds(5), TimeSpan.FromHours(24));
        Assert.Equal(
            ["auth-extra-groups", "expiration", "token-id", "token-secret", "usage-bootstrap-authentication", "usage-bootstrap-signing"],
            created.Data.Select(entry => entry.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_lifetime_of_zero_leaves_the_expiration_out()
    {
        SecretResource created = await _store.CreateAsync(new NewBootstrapToken { Lifetime = Lifetime.Of(TimeSpan.Zero) }, Cancellation);

        Assert.Null(created["expiration"]);
        Assert.True(_store.Read(created).NeverExpires);
    }

    [Fact]
    public async Task A_lifetime_beyond_what_a_date_can_say_ends_with_the_last_one()
    {
        SecretResource created = await _store.CreateAsync(
            new NewBootstrapToken { Lifetime = Lifetime.Until(DateTime.MaxValue) },
            Cancellation);

        Assert.StartsWith("9999-12-31T", Encoding.UTF8.GetString(created["expiration"]!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_expiry_in_the_past_is_refused_before_anything_is_sent()
    {
        NewBootstrapToken token = new() { Lifetime = Lifetime.Until(DateTime.UtcNow.AddSeconds(-1)) };

        K3sTokenException e = await Assert.ThrowsAsync<K3sTokenException>(() => _store.CreateAsync(token, Cancellation));

        Assert.Equal(ErrorId.ExpirationInPast, e.Id);
        Assert.Empty(_api.Requests);
    }

    [Fact]
    public async Task The_servers_clock_decides_what_is_past()
    {
        _api.Clock.Observe(DateTimeOffset.UtcNow.AddHours(2));
        NewBootstrapToken token = new() { Lifetime = Lifetime.Until(DateTime.UtcNow.AddHours(1)) };

        Assert.Equal(ErrorId.ExpirationInPast, (await Assert.ThrowsAsync<K3sTokenException>(() => _store.CreateAsync(token, Cancellation))).Id);
    }

    [Fact]
    public async Task A_random_id_that_is_taken_gives_way_to_another()
    {
        _api.BeforeRequest = FailOnce("create", new K3sTokenException(ErrorId.TokenAlreadyExists, "Taken."));

        await _store.CreateAsync(new NewBootstrapToken(), Cancellation);

        Assert.Equal(2, _api.Requests.Distinct().Count());
        Assert.Single(_api.Secrets);
    }

    [Fact]
    public async Task A_given_id_that_is_taken_is_an_error_and_changes_nothing()
    {
        _api.AddToken("abc123", "aaaaaaaaaaaaaaaa");

        K3sTokenException e = await Assert.ThrowsAsync<K3sTokenException>(() => _store.CreateAsync(Given(), Cancellation));

        Assert.Equal(ErrorId.TokenAlreadyExists, e.Id);
        Assert.Equal("aaaaaaaaaaaaaaaa", Text(_api.Secrets[Name]["token-secret"]));
    }

    [Fact]
    public async Task A_creation_that_is_answered_with_another_secret_is_an_error()
    {
        _api.ChangeSecretsOnCreation = true;

        K3sTokenException e = await Assert.ThrowsAsync<K3sTokenException>(() => _store.CreateAsync(Given(), Cancellation));

        Assert.Equal(ErrorId.ServerError, e.Id);
        Assert.Contains($"creation of '{Name}' with something that is not the token", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_creation_whose_answer_was_lost_is_looked_up_and_not_repeated()
    {
        _api.AfterRequest = FailOnce("create", FakeApi.Lost());

        SecretResource created = await _store.CreateAsync(Given(), Cancellation);

        Assert.Equal([$"create {Name}", $"get {Name}"], _api.Requests);
        Assert.Equal(Name, created.Name);
    }

    [Fact]
    public async Task A_creation_that_was_lost_on_its_way_is_sent_again()
    {
        _api.BeforeRequest = FailOnce("create", FakeApi.Lost());

        await _store.CreateAsync(Given(), Cancellation);

        Assert.Equal([$"create {Name}", $"get {Name}", $"create {Name}"], _api.Requests);
        Assert.Single(_api.Secrets);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_creation_that_arrives_after_it_was_given_up_is_not_taken_for_anothers(bool isGiven)
    {
        // The first request is on its way until the second has been sent.
        (string Name, SecretResource Secret)? late = null;
        _api.AfterRequest = request =>
        {
            if (late is null && request.StartsWith("create ", StringComparison.Ordinal))
            {
                late = (request[7..], _api.Secrets[request[7..]]);
                _api.Secrets.Remove(request[7..]);
                throw FakeApi.Lost();
            }
        };
        _api.BeforeRequest = request =>
        {
            if (late is { } sent && request == $"create {sent.Name}")
            {
                _api.Secrets[sent.Name] = sent.Secret;
            }
        };

        SecretResource created = await _store.CreateAsync(isGiven ? Given() : new NewBootstrapToken(), Cancellation);

        Assert.Equal(created.Name, Assert.Single(_api.Secrets).Key);
    }

    [Fact]
    public async Task The_servers_time_is_asked_for_once_and_a_refusal_tells_it_too()
    {
        _api.BeforeRequest = _ => _api.Clock.Observe(DateTimeOffset.UtcNow.AddDays(-1));
        _api.AfterRequest = _ => throw new K3sTokenException(ErrorId.AccessDenied, "Not you.");

        await _store.LearnTimeAsync(Cancellation);
        await _store.LearnTimeAsync(Cancellation);

        Assert.Single(_api.Requests);
        Assert.InRange(_api.Clock.UtcNow, DateTime.UtcNow.AddDays(-1.1), DateTime.UtcNow.AddDays(-0.9));
    }

    [Fact]
    public async Task A_creation_whose_answer_was_lost_does_not_take_anothers_token_for_its_own()
    {
        _api.AddToken("abc123", "aaaaaaaaaaaaaaaa");
        _api.BeforeRequest = FailOnce("create", FakeApi.Lost());

        K3sTokenException e = await Assert.ThrowsAsync<K3sTokenException>(() => _store.CreateAsync(Given(), Cancellation));

        Assert.Equal(ErrorId.TokenAlreadyExists, e.Id);
    }

    [Theory]
    [InlineData("create")]
    [InlineData("patch")]
    [InlineData("delete")]
    public async Task Where_a_lost_change_cannot_be_looked_up_the_error_still_says_that_it_may_have_happened(string verb)
    {
        bool lost = false;
        if (verb != "create")
        {
            _api.AddToken("abc123");
        }

        _api.AfterRequest = request =>
        {
            if (request.StartsWith(verb, StringComparison.Ordinal))
            {
                lost = true;
                throw FakeApi.Lost();
            }
        };
        _api.BeforeRequest = request =>
        {
            if (lost)
            {
                throw new K3sTokenException(ErrorId.OperationTimedOut, "Nothing answers.");
            }
        };

        K3sTokenException e = await Assert.ThrowsAsync<K3sTokenException>(() => verb switch
        {
            "create" => _store.CreateAsync(Given(), Cancellation),
            "patch" => _store.ChangeAsync(Name, new BootstrapTokenChange { Description = "x" }, Cancellation),
            _ => _store.RemoveAsync(Name, null, Cancellation),
        });

        Assert.True(e.AnswerLost);
    }

    [Fact]
    public async Task A_change_touches_only_what_it_names()
    {
        _api.AddToken("abc123", more: [("description", "old"), ("auth-extra-groups", "system:bootstrappers:a"), ("note", "kept")]);

        BootstrapToken token = _store.Read(await _store.ChangeAsync(
            Name,
            new BootstrapTokenChange { Lifetime = Lifetime.Of(TimeSpan.FromHours(3)) },
            Cancellation));

        Assert.InRange(token.TimeToLive!.Value, TimeSpan.FromHours(3) - TimeSpan.FromSeconds(5), TimeSpan.FromHours(3));
        Assert.Equal("old", token.Description);
        Assert.Equal(["system:bootstrappers:a"], token.Groups);
        Assert.Equal("kept", Text(_api.Secrets[Name]["note"]));
    }

    [Fact]
    public async Task A_change_can_take_away_the_description_the_expiry_and_the_groups()
    {
        _api.AddToken("abc123", more: [("description", "old"), ("expiration", "2099-01-01T00:00:00Z"), ("auth-extra-groups", "system:bootstrappers:a")]);

        SecretResource changed = await _store.ChangeAsync(
            Name,
            new BootstrapTokenChange { Description = "", Groups = [], Lifetime = Lifetime.Of(TimeSpan.Zero) },
            Cancellation);

        Assert.Equal(["token-id", "token-secret", "usage-bootstrap-authentication"], changed.Data.Select(entry => entry.Key));
    }

    [Fact]
    public async Task New_usages_replace_the_old_ones_unknown_ones_too()
    {
        _api.AddToken("abc123", more: [("usage-bootstrap-flying", "true")]);

        BootstrapToken token = _store.Read(await _store.ChangeAsync(Name, new BootstrapTokenChange { Usages = ["signing"] }, Cancellation));

        Assert.Equal(["signing"], token.Usages);
    }

    [Fact]
    public async Task A_change_that_meets_anothers_is_made_again_on_top_of_it()
    {
        _api.AddToken("abc123");
        bool met = false;
        _api.BeforeRequest = request =>
        {
            if (request.StartsWith("patch", StringComparison.Ordinal) && !met)
            {
                met = true;
                _api.AddToken("abc123", more: [("auth-extra-groups", "system:bootstrappers:theirs")]);
            }
        };

        BootstrapToken token = _store.Read(await _store.ChangeAsync(Name, new BootstrapTokenChange { Description = "ours" }, Cancellation));

        Assert.Equal("ours", token.Description);
        Assert.Equal(["system:bootstrappers:theirs"], token.Groups);
    }

    [Fact]
    public async Task A_token_that_others_keep_changing_ends_as_a_conflict()
    {
        _api.AddToken("abc123");
        _api.BeforeRequest = request =>
        {
            if (request.StartsWith("patch", StringComparison.Ordinal))
            {
                _api.AddToken("abc123");
            }
        };

        K3sTokenException e = await Assert.ThrowsAsync<K3sTokenException>(
            () => _store.ChangeAsync(Name, new BootstrapTokenChange { Description = "ours" }, Cancellation));

        Assert.Equal(ErrorId.ConflictingChange, e.Id);
        Assert.True(_api.Requests.Count < 20);
    }

    [Fact]
    public async Task A_change_of_a_token_that_is_not_there_says_so()
    {
        K3sTokenException e = await Assert.ThrowsAsync<K3sTokenException>(
            () => _store.ChangeAsync(Name, new BootstrapTokenChange { Description = "x" }, Cancellation));

        Assert.Equal(ErrorId.TokenNotFound, e.Id);
        Assert.Contains("'abc123'", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_Secret_that_no_change_could_mend_is_refused()
    {
        _api.Add(Name, ("token-id", "abc123"));

        K3sTokenException e = await Assert.ThrowsAsync<K3sTokenException>(
            () => _store.ChangeAsync(Name, new BootstrapTokenChange { Description = "x" }, Cancellation));

        Assert.Equal(ErrorId.TokenMalformed, e.Id);
        Assert.Equal([$"get {Name}"], _api.Requests);
    }

    [Fact]
    public async Task A_removal_says_whether_there_was_something_to_remove()
    {
        _api.AddToken("abc123");

        Assert.True(await _store.RemoveAsync(Name, null, Cancellation));
        Assert.False(await _store.RemoveAsync(Name, null, Cancellation));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_removal_whose_answer_was_lost_is_true_in_the_end(bool carriedOut)
    {
        _api.AddToken("abc123");
        Action<string> lose = FailOnce("delete", FakeApi.Lost());
        if (carriedOut)
        {
            _api.AfterRequest = lose;
        }
        else
        {
            _api.BeforeRequest = lose;
        }

        Assert.True(await _store.RemoveAsync(Name, null, Cancellation));
        Assert.Empty(_api.Secrets);
    }

    [Fact]
    public async Task A_removal_whose_answer_was_lost_spares_a_new_token_of_the_same_id()
    {
        _api.AddToken("abc123");
        string uid = _api.Secrets[Name].Uid;
        _api.AfterRequest = FailOnce("delete", FakeApi.Lost());
        _api.BeforeRequest = request =>
        {
            if (request.StartsWith("get", StringComparison.Ordinal))
            {
                _api.AddToken("abc123");
            }
        };

        Assert.True(await _store.RemoveAsync(Name, uid, Cancellation));
        Assert.NotEqual(uid, Assert.Single(_api.Secrets).Value.Uid);
    }

    [Fact]
    public async Task A_new_token_has_both_forms_and_says_where_the_hash_is_from()
    {
        string hash = new('a', 64);
        SecretResource created = await _store.CreateAsync(Given(), Cancellation);

        IssuedBootstrapToken issued = _store.ReadIssued(created, hash, CAHashSource.Server, asPlainText: true);

        Assert.Equal($"K10{hash}::abc123.0123456789abcdef", issued.Token);
        Assert.Equal("abc123.0123456789abcdef", issued.ShortToken);
        Assert.Equal(CAHashSource.Server, issued.CAHashSource);
        Assert.DoesNotContain("0123456789abcdef", issued.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_hash_the_token_is_the_short_form()
    {
        SecretResource created = await _store.CreateAsync(Given(), Cancellation);

        Assert.Equal("abc123.0123456789abcdef", _store.ReadIssued(created, "", CAHashSource.None, asPlainText: true).Token);
    }

    private static NewBootstrapToken Given() => new() { Given = ("abc123", new Secret("0123456789abcdef")) };

    private static string Text(byte[]? bytes) => Encoding.UTF8.GetString(bytes!);

    private static Action<string> FailOnce(string verb, Exception failure)
    {
        bool failed = false;
        return request =>
        {
            if (!failed && request.StartsWith(verb, StringComparison.Ordinal))
            {
                failed = true;
                throw failure;
            }
        };
    }
}
