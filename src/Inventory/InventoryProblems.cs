using Microsoft.AspNetCore.Http;
using Suture.Contracts;
using Suture.Contracts.Api;

namespace Suture.Inventory;

/// <summary>Problem details of this module that carry faults by field or an unusual status.</summary>
internal static class InventoryProblems
{
    public static IResult Of(int status, string title, string detail, IReadOnlyDictionary<string, string[]>? errors = null) =>
        Results.Json(
            new Problem { Title = title, Status = status, Detail = detail, Errors = errors },
            ContractsJson.Default.Problem,
            "application/problem+json",
            status);

    /// <summary>There is none in the caller's scope. One text for "is not there" and "is not yours".</summary>
    public static IResult NoAsset(Guid id) =>
        Of(StatusCodes.Status404NotFound, "No such asset", $"There is no asset {id:D} in your scope; list them with GET /api/v1/assets.");
}
