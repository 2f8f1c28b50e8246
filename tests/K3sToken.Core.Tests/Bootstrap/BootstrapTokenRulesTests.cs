using System.Linq;
using K3sToken.Bootstrap;
using Xunit;

namespace K3sToken.Tests.Bootstrap;

public sealed class BootstrapTokenRulesTests
{
    [Theory]
    [InlineData("system:bootstrappers:k3s:default-node-token", true)]
    [InlineData("system:bootstrappers:a", true)]
    [InlineData("system:bootstrappers::a", true)]
    [InlineData("system:bootstrappers:-a", true)]
    [InlineData("system:bootstrappers:", false)]
    [InlineData("system:bootstrappers:a-", false)]
    [InlineData("system:bootstrappers:a:", false)]
    [InlineData("system:bootstrappers:A", false)]
    [InlineData("system:bootstrappers:a ", false)]
    [InlineData(" system:bootstrappers:a", false)]
    [InlineData("system:bootstrappers:a\n", false)]
    [InlineData("system:bootstrappers", false)]
    [InlineData("system:masters", false)]
    [InlineData("admins", false)]
    [InlineData("", false)]
    public void A_group_is_one_that_Kubernetes_lets_a_bootstrap_token_have(string group, bool isGroup) =>
        Assert.Equal(isGroup, BootstrapTokenRules.IsGroup(group));

    [Fact]
    public void A_group_has_at_most_256_characters_after_its_prefix()
    {
        Assert.True(BootstrapTokenRules.IsGroup("system:bootstrappers:" + new string('a', 256)));
        Assert.False(BootstrapTokenRules.IsGroup("system:bootstrappers:" + new string('a', 257)));
    }

    [Fact]
    public void One_bad_group_among_good_ones_is_refused_by_name()
    {
        K3sTokenException e = Assert.Throws<K3sTokenException>(
            () => BootstrapTokenRules.RequireGroups([.. BootstrapTokenRules.DefaultGroups, "admins"]));

        Assert.Equal(ErrorId.InvalidGroup, e.Id);
        Assert.Contains("'admins'", e.Message, System.StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("flying")]
    [InlineData("Authentication")]
    [InlineData("")]
    public void An_unknown_usage_is_refused(string usage)
    {
        K3sTokenException e = Assert.Throws<K3sTokenException>(() => BootstrapTokenRules.RequireUsages(["signing", usage]));

        Assert.Equal(ErrorId.InvalidUsage, e.Id);
    }

    [Fact]
    public void A_token_without_usages_is_refused() =>
        Assert.Equal(ErrorId.InvalidUsage, Assert.Throws<K3sTokenException>(() => BootstrapTokenRules.RequireUsages([])).Id);

    [Fact]
    public void The_defaults_pass_their_own_rules()
    {
        BootstrapTokenRules.RequireGroups(BootstrapTokenRules.DefaultGroups);
        BootstrapTokenRules.RequireUsages(BootstrapTokenRules.Usages);
        Assert.Equal(["authentication", "signing"], BootstrapTokenRules.Usages.ToArray());
    }
}
