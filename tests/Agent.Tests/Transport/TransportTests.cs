using CsCheck;
using Suture.Agent.Transport;

namespace Suture.Agent.Tests.Transport;

public sealed class TransportTests
{
    [Fact]
    public void Of_AnyNumberOfFailures_StaysWithinTheBound() =>
        Gen.Select(Gen.Int[1, 30], Gen.Double[0, 1]).Sample((failures, spread) =>
            Backoff.Of(failures, spread) is var wait && wait >= Backoff.First / 2 && wait <= Backoff.Longest);

    [Fact]
    public void Of_MoreFailures_WaitsLonger() => Assert.True(Backoff.Of(5, 0) > Backoff.Of(3, 1));

    [Fact]
    public void Next_ServerAsksForLonger_WaitsAtLeastThatLongAndNotForEver() =>
        Gen.Int[1, 100_000].Sample(seconds =>
        {
            var (asked, wait) = (TimeSpan.FromSeconds(seconds), new Backoff().Next(TimeSpan.FromSeconds(seconds)));
            return wait >= (asked < Backoff.Longest ? asked : Backoff.Longest) && wait <= Backoff.Longest * 1.25;
        });

    [Fact]
    public void Next_ServerAsksForLess_KeepsItsOwnWait()
    {
        var backoff = new Backoff();
        for (var failure = 1; failure < 12; failure++)
        {
            backoff.Next();
        }

        Assert.True(backoff.Next(TimeSpan.FromSeconds(1)) >= Backoff.Longest / 2);
    }

    [Theory]
    [InlineData(0, "None")]
    [InlineData(9, "None")]
    [InlineData(10, "Due")] // a third of 30 days
    [InlineData(29, "Due")]
    [InlineData(30, "Expired")]
    [InlineData(209, "Expired")]
    [InlineData(210, "TooLate")] // 180 days after its end
    public void Renewal_DaysFromIssue_AsDecided(int days, string need) =>
        Assert.Equal(need, AgentIdentity.Renewal(Given.Now, Given.Now.AddDays(30), Given.Now.AddDays(days)).ToString());

    [Fact]
    public void ParseFingerprint_AsPeopleWriteIt_IsRead()
    {
        var plain = string.Concat(Enumerable.Repeat("0a", 32));

        Assert.Equal(plain, ServerTrust.ParseFingerprint(string.Join(':', Enumerable.Repeat("0A", 32))));
        Assert.Equal(plain, ServerTrust.ParseFingerprint(plain));
        Assert.Null(ServerTrust.ParseFingerprint(plain[1..]));
        Assert.Null(ServerTrust.ParseFingerprint("g" + plain[1..]));
    }
}
