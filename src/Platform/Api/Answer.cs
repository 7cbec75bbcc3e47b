using Microsoft.AspNetCore.Http;

namespace Suture.Platform.Api;

/// <summary>What a use case gives back: its value, or why it was refused.</summary>
internal readonly record struct Answer<T>
{
    private readonly T? _value;
    private readonly IResult? _refusal;

    private Answer(T? value, IResult? refusal)
    {
        _value = value;
        _refusal = refusal;
    }

    internal bool IsRefused => _refusal is not null;

    internal T Value => _value ?? throw new InvalidOperationException("The use case was refused.");

    public static implicit operator Answer<T>(T value) => new(value, null);

    /// <summary>A refusal, one of <see cref="Problems"/>.</summary>
    internal static Answer<T> Refused(IResult problem) => new(default, problem);

    /// <summary>The refusal, or what the endpoint makes of the value.</summary>
    internal IResult Or(Func<T, IResult> success) => _refusal ?? success(Value);
}
