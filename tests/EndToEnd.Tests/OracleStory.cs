using Suture.Tests;

namespace Suture.EndToEnd.Tests;

/// <summary>The one-shot scan of a real root, with the Debian lists alone, against an oracle.</summary>
public sealed class OracleStory
{
    [Theory]
    [InlineData("bookworm", 0)] // its point release is newer than the lists
    [InlineData("bullseye", 300)]
    public async Task Scan_FreshRootWithTheListsAlone_IsTheTruth(string suite, int pairsMin)
    {
        Endpoint.Require();
        TestPaths.RequireData();
        var root = Endpoint.RootOf(await EndpointModels.OfAsync(suite, Endpoint.Packages));
        var lists = Oracle.ListsOnly();
        try
        {
            var truth = await Oracle.PairsAsync(root, suite);

            var found = await Oracle.ScanAsync(root, lists);

            TestContext.Current.TestOutputHelper!.WriteLine($"{suite}: {truth.Count} pairs");
            Assert.Equal(truth.Order(), Oracle.PairsOf(found).Order());
            Assert.True(truth.Count >= pairsMin, $"{truth.Count} pairs");
        }
        finally
        {
            Directory.Delete(lists, recursive: true);
        }
    }
}
