using System;

namespace ObjectStore.Engine.Kernel;

/// <summary>A value, or the reason why there is none.</summary>
/// <typeparam name="T">The value.</typeparam>
/// <typeparam name="TError">An enum whose zero means success.</typeparam>
public readonly struct Outcome<T, TError>
    where TError : struct, Enum
{
    private readonly T _value;

    /// <summary>Success.</summary>
    public Outcome(T value) => (_value, Error) = (value, default);

    /// <summary>Failure.</summary>
    public Outcome(TError error) => (_value, Error) = (default!, error);

    /// <summary>Zero on success.</summary>
    public TError Error { get; }

    /// <summary>True when there is a value.</summary>
    public bool Ok => Error.Equals(default(TError));

    /// <summary>The value; asking for it on failure is a bug.</summary>
    public T Value
    {
        get
        {
            Invariant.Check(Ok, "value of a failed outcome");
            return _value;
        }
    }

    /// <summary>Success.</summary>
    public static implicit operator Outcome<T, TError>(T value) => new(value);

    /// <summary>Failure.</summary>
    public static implicit operator Outcome<T, TError>(TError error) => new(error);
}
