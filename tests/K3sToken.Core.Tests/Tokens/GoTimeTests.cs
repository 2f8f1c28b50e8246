using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Text.Json;
using K3sToken.Tokens;
using Xunit;

namespace K3sToken.Tests.Tokens;

public sealed class GoTimeTests
{
    public static IEnumerable<TheoryDataRow<string, bool>> Cleaned =>
        from entry in Recorded.List("secrets/tokencleaner.json", "cases")
        where entry.GetProperty("expiration").ValueKind == JsonValueKind.String
            && entry.GetProperty("type").GetString() == "bootstrap.kubernetes.io/token"
            && entry.GetProperty("expiration").GetString() != ""
        select new TheoryDataRow<string, bool>(
            entry.GetProperty("expiration").GetString()!,
            entry.GetProperty("deletedByServer").GetBoolean())
        {
            TestDisplayName = entry.GetProperty("id").GetString(),
        };

    [Theory]
    [MemberData(nameof(Cleaned))]
    public void The_server_deletes_what_cannot_be_read_or_is_past(string expiration, bool deleted)
    {
        DateTime endOfRecording = new(2026, 11, 21, 19, 10, 0, DateTimeKind.Utc);
        bool isFuture = GoTime.TryParseRfc3339(expiration, out DateTime utc) && utc > endOfRecording;
        Assert.Equal(deleted, !isFuture);
    }

    [Theory]
    [InlineData("2099-01-02T03:04:05Z", "2099-01-02T03:04:05.0000000Z")]
    [InlineData("2099-01-02T3:04:05Z", "2099-01-02T03:04:05.0000000Z")]
    [InlineData("2099-01-02T03:04:05.5Z", "2099-01-02T03:04:05.5000000Z")]
    [InlineData("2099-01-02T03:04:05,5Z", "2099-01-02T03:04:05.5000000Z")]
    [InlineData("2099-01-02T03:04:05.123456789Z", "2099-01-02T03:04:05.1234567Z")]
    [InlineData("2099-01-02T03:04:05.99999999999999999999Z", "2099-01-02T03:04:05.9999999Z")]
    [InlineData("2099-01-02T03:04:05.000000001Z", "2099-01-02T03:04:05.0000000Z")]
    [InlineData("2099-01-02T03:04:05+05:30", "2099-01-01T21:34:05.0000000Z")]
    [InlineData("2099-01-02T03:04:05-05:30", "2099-01-02T08:34:05.0000000Z")]
    [InlineData("2099-01-02T03:04:05.25+00:00", "2099-01-02T03:04:05.2500000Z")]
    [InlineData("2099-01-02T03:04:05+24:00", "2099-01-01T03:04:05.0000000Z")]
    [InlineData("2099-01-02T03:04:05-23:60", "2099-01-03T03:04:05.0000000Z")]
    [InlineData("2096-02-29T00:00:00Z", "2096-02-29T00:00:00.0000000Z")]
    [InlineData("0000-02-29T00:00:00Z", "0001-01-01T00:00:00.0000000Z")]
    [InlineData("0000-12-31T23:00:00-02:00", "0001-01-01T01:00:00.0000000Z")]
    [InlineData("0001-01-01T00:00:00+01:00", "0001-01-01T00:00:00.0000000Z")]
    [InlineData("9999-12-31T23:59:59-01:00", "9999-12-31T23:59:59.9999999Z")]
    public void A_time_is_read_as_Go_reads_it(string text, string expected)
    {
        Assert.True(GoTime.TryParseRfc3339(text, out DateTime utc));
        Assert.Equal(expected, utc.ToString("O", CultureInfo.InvariantCulture));
        Assert.True(GoTime.TryParseRfc3339(Encoding.UTF8.GetBytes(text), out DateTime fromBytes));
        Assert.Equal(utc, fromBytes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("tomorrow")]
    [InlineData("2099-01-01")]
    [InlineData("4102444800")]
    [InlineData("2099-01-01t00:00:00Z")]
    [InlineData("2099-01-01T00:00:00z")]
    [InlineData("2099-01-01 00:00:00Z")]
    [InlineData("2099-01-01T00:00:00")]
    [InlineData("2099-01-01T00:00:00Z\n")]
    [InlineData(" 2099-01-01T00:00:00Z")]
    [InlineData("2099-01-01T24:00:00Z")]
    [InlineData("2099-01-01T23:60:00Z")]
    [InlineData("2098-12-31T23:59:60Z")]
    [InlineData("2099-02-29T00:00:00Z")]
    [InlineData("2099-02-30T00:00:00Z")]
    [InlineData("2099-00-01T00:00:00Z")]
    [InlineData("2099-13-01T00:00:00Z")]
    [InlineData("2099-01-00T00:00:00Z")]
    [InlineData("12099-01-01T00:00:00Z")]
    [InlineData("999-01-01T00:00:00Z")]
    [InlineData("+999-01-01T00:00:00Z")]
    [InlineData("2099-1-01T00:00:00Z")]
    [InlineData("2099-01-1T00:00:00Z")]
    [InlineData("2099-01-01T00:0:00Z")]
    [InlineData("2099-01-01T00:00:0Z")]
    [InlineData("2099-01-01T00:00Z")]
    [InlineData("2099-01-01T00:00:00.Z")]
    [InlineData("2099-01-01T00:00:00+25:00")]
    [InlineData("2099-01-01T00:00:00+00:61")]
    [InlineData("2099-01-01T00:00:00+0100")]
    [InlineData("2099-01-01T00:00:00+1:00")]
    [InlineData("2099-01-01T00:00:00+01")]
    [InlineData("2099-01-01T00:00:00 +01:00")]
    [InlineData("2099-01-01T00:00:00Z01:00")]
    [InlineData("2099-01-01T00:00:00\u221201:00")]
    [InlineData("٢099-01-01T00:00:00Z")]
    public void Anything_else_is_no_time(string text)
    {
        Assert.False(GoTime.TryParseRfc3339(text, out _));
        Assert.False(GoTime.TryParseRfc3339(Encoding.UTF8.GetBytes(text), out _));
    }

    [Fact]
    public void What_a_DateTime_prints_is_read_back()
    {
        Random random = new(1);
        for (int i = 0; i < 1000; i++)
        {
            DateTime time = new(random.NextInt64(DateTime.MaxValue.Ticks), DateTimeKind.Utc);
            Assert.True(GoTime.TryParseRfc3339(time.ToString("O", CultureInfo.InvariantCulture), out DateTime read));
            Assert.Equal(time, read);
            Assert.Equal(DateTimeKind.Utc, read.Kind);
        }
    }
}
