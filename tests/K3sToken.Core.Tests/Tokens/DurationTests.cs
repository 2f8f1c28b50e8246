using System;
using System.Globalization;
using K3sToken.Tokens;
using Xunit;

namespace K3sToken.Tests.Tokens;

public sealed class DurationTests
{
    [Theory]
    [InlineData("0", "00:00:00")]
    [InlineData("0s", "00:00:00")]
    [InlineData("30s", "00:00:30")]
    [InlineData("90m", "01:30:00")]
    [InlineData("24h", "1.00:00:00")]
    [InlineData("1h30m", "01:30:00")]
    [InlineData("1.5h", "01:30:00")]
    [InlineData(".5h", "00:30:00")]
    [InlineData("1.h", "01:00:00")]
    [InlineData("+1h", "01:00:00")]
    [InlineData("7d", "7.00:00:00")]
    [InlineData("1d12h", "1.12:00:00")]
    [InlineData("2h45m30.5s", "02:45:30.5000000")]
    [InlineData("1h1h", "02:00:00")]
    [InlineData("100ms", "00:00:00.1000000")]
    [InlineData("1us", "00:00:00.0000010")]
    [InlineData("1\u00b5s", "00:00:00.0000010")]
    [InlineData("1\u03bcs", "00:00:00.0000010")]
    [InlineData("100ns", "00:00:00.0000001")]
    [InlineData("0.3333333333333333333h", "00:20:00")]
    [InlineData("1.00:00:00", "1.00:00:00")]
    [InlineData("1:00:00:00", "1.00:00:00")]
    [InlineData("1:02:03:04.5", "1.02:03:04.5000000")]
    [InlineData("00:30:00", "00:30:00")]
    [InlineData("0:30", "00:30:00")]
    [InlineData("00:00:01.5", "00:00:01.5000000")]
    [InlineData("106751d", "106751.00:00:00")]
    public void A_duration_is_read(string text, string expected) =>
        Assert.Equal(TimeSpan.ParseExact(expected, "c", CultureInfo.InvariantCulture), Duration.Parse(text, zeroAllowed: true));

    [Fact]
    public void A_duration_below_the_clock_does_not_become_the_zero_that_means_forever() =>
        Assert.Equal(TimeSpan.FromTicks(1), Duration.Parse("1ns", zeroAllowed: false));

    [Theory]
    [InlineData("24")]
    [InlineData("1")]
    [InlineData("1.5")]
    [InlineData("1e5")]
    [InlineData("00")]
    public void A_number_without_a_unit_is_answered_with_what_to_write(string text)
    {
        FormatException thrown = Assert.Throws<FormatException>(() => Duration.Parse(text, zeroAllowed: true));
        Assert.StartsWith($"'{text}' has no unit: write 24h", thrown.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-1h")]
    [InlineData("-5")]
    [InlineData("-0")]
    [InlineData("-00:30:00")]
    public void A_negative_duration_is_refused(string text)
    {
        FormatException thrown = Assert.Throws<FormatException>(() => Duration.Parse(text, zeroAllowed: true));
        Assert.Contains("negative", thrown.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("106752d")]
    [InlineData("300y")]
    [InlineData("99999999999999999999999999999h")]
    [InlineData("999999999999999999999999999999999999h")]
    [InlineData("106751d24h")]
    [InlineData("106752.00:00:00")]
    [InlineData("2562048h")]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("tomorrow")]
    [InlineData("h")]
    [InlineData(".h")]
    [InlineData("1..5h")]
    [InlineData("1.5.5h")]
    [InlineData("1 h")]
    [InlineData("24h ")]
    [InlineData(" 24h")]
    [InlineData("24H")]
    [InlineData("1w")]
    [InlineData("1h30")]
    [InlineData("1h-30m")]
    [InlineData("1,5h")]
    [InlineData("٢h")]
    [InlineData("24:00:00")]
    [InlineData("1:2:3:4:5")]
    [InlineData("a:b")]
    [InlineData("+")]
    [InlineData("+0")]
    public void Anything_else_is_refused_with_the_right_form(string text)
    {
        FormatException thrown = Assert.Throws<FormatException>(() => Duration.Parse(text, zeroAllowed: true));
        Assert.Contains("30s, 90m, 24h, 7d", thrown.Message, StringComparison.Ordinal);
        Assert.False(Duration.TryParse(text, out _));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("0h")]
    public void Zero_is_refused_where_it_means_nothing(string text)
    {
        Assert.Throws<FormatException>(() => Duration.Parse(text, zeroAllowed: false));
        Assert.Equal(TimeSpan.Zero, Duration.Parse(text, zeroAllowed: true));
    }

    [Theory]
    [InlineData("00:00:00")]
    [InlineData("0.00:00:00")]
    [InlineData("0:00")]
    public void The_zero_of_an_expired_token_in_a_file_is_not_the_zero_that_means_for_ever(string text) =>
        Assert.Contains("longer than zero", Assert.Throws<FormatException>(() => Duration.Parse(text, zeroAllowed: true)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_token_given_by_mistake_is_not_quoted()
    {
        FormatException thrown = Assert.Throws<FormatException>(() => Duration.Parse("abcdef.0123456789abcdef", zeroAllowed: true));
        Assert.DoesNotContain("0123456789abcdef", thrown.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("de-DE")]
    [InlineData("fa-IR")]
    public void The_culture_plays_no_part(string culture)
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = new CultureInfo(culture);
        try
        {
            Assert.Equal(TimeSpan.FromMinutes(90), Duration.Parse("1.5h", zeroAllowed: false));
            Assert.Equal("59s", Duration.ToHuman(TimeSpan.FromSeconds(59)));
            Assert.False(Duration.TryParse("1,5h", out _));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Theory]
    [InlineData("-2.0000000", "<invalid>")]
    [InlineData("-1.9999999", "0s")]
    [InlineData("-1.0000000", "0s")]
    [InlineData("-0.5000000", "0s")]
    [InlineData("0", "0s")]
    [InlineData("0.9999999", "0s")]
    [InlineData("59.9999999", "59s")]
    [InlineData("60", "1m")]
    [InlineData("3599.9", "59m")]
    [InlineData("3600", "1h")]
    [InlineData("86399", "23h")]
    [InlineData("86400", "1d")]
    [InlineData("31535999", "364d")]
    [InlineData("31536000", "1y")]
    [InlineData("63071999", "1y")]
    [InlineData("63072000", "2y")]
    public void A_time_to_live_is_shown_in_one_unit_cut_off(string seconds, string expected)
    {
        long ticks = (long)(decimal.Parse(seconds, CultureInfo.InvariantCulture) * TimeSpan.TicksPerSecond);
        Assert.Equal(expected, Duration.ToHuman(new TimeSpan(ticks)));
    }

    [Fact]
    public void A_time_to_live_beyond_what_Kubernetes_can_hold_is_shown_as_Kubernetes_shows_it()
    {
        Assert.Equal("292y", Duration.ToHuman(TimeSpan.MaxValue));
        Assert.Equal("<invalid>", Duration.ToHuman(TimeSpan.MinValue));
    }
}
