using CsCheck;
using Suture.Agent.Jobs;

namespace Suture.Agent.Tests.Jobs;

public sealed class ArgumentGrammarTests
{
    [Theory]
    [InlineData("g++")]
    [InlineData("libssl3")]
    [InlineData("0ad")]
    [InlineData("libstdc++-12-dev")]
    [InlineData("linux-image-6.1.0-37-amd64")]
    public void IsPackageName_RealName_IsOne(string name) => Assert.True(ArgumentGrammar.IsPackageName(name));

    [Theory]
    [InlineData("1:4.8.1-1+deb11u1")]
    [InlineData("3.0.16-1~deb12u1")]
    [InlineData("2:1.2.3+dfsg-1+b2")]
    [InlineData("0")]
    public void IsVersion_RealVersion_IsOne(string version) => Assert.True(ArgumentGrammar.IsVersion(version));

    [Theory]
    [InlineData("a:1")]
    [InlineData(":1")]
    [InlineData("1:")]
    [InlineData("1:a")]
    [InlineData("v1")]
    [InlineData("1_0")]
    public void IsVersion_NoVersion_IsNone(string version) => Assert.False(ArgumentGrammar.IsVersion(version));

    [Theory]
    [InlineData("nginx.service", true)]
    [InlineData("getty@tty1.service", true)]
    [InlineData("systemd-fsck@dev-disk-by\\x2duuid.service", true)]
    [InlineData("init.scope", true)]
    [InlineData("session-1.scope", false)]
    [InlineData("nginx", false)]
    [InlineData("nginx.service/x.service", false)]
    public void IsUnit_Name_IsAServiceOrSystemdItself(string unit, bool expected) => Assert.Equal(expected, ArgumentGrammar.IsUnit(unit));

    [Fact]
    public void Grammar_AnyText_NeverBeginsWithADashNorHoldsWhatALineCouldBreakAt() =>
        Gen.String[Gen.Char[' ', 'z'], 1, 12].Sample(text =>
            !(ArgumentGrammar.IsPackageName(text) || ArgumentGrammar.IsVersion(text) || ArgumentGrammar.IsArchitecture(text) || ArgumentGrammar.IsUnit(text))
            || (text[0] != '-' && !text.Any(c => char.IsWhiteSpace(c) || "/=*?[]$`'\"|&;<>(){}!#,".Contains(c, StringComparison.Ordinal))));
}
