using System;
using System.Collections.Generic;
using System.Globalization;

namespace ObjectStore.Engine.Gateway;

/// <summary>One error that S3 answers with.</summary>
/// <param name="Code">As clients match it.</param>
/// <param name="Status">HTTP status.</param>
/// <param name="Message">For people; an <see cref="S3Exception"/> may carry a closer one.</param>
internal sealed record S3Error(string Code, int Status, string Message);

/// <summary>A request is refused. Thrown anywhere while a request is handled, caught in one place: <see cref="S3Gateway"/> makes the answer of it.</summary>
/// <remarks>An exception and not an outcome: a refusal may come up at every depth of parsing, and its answer needs nothing of the levels between.</remarks>
internal sealed class S3Exception : Exception
{
    /// <summary>A refusal with the table's own message.</summary>
    internal S3Exception(S3Error error, params ReadOnlySpan<ErrorField> fields)
        : this(error, error.Message, fields)
    {
    }

    /// <summary>A refusal with a closer message.</summary>
    internal S3Exception(S3Error error, string message, params ReadOnlySpan<ErrorField> fields)
        : base(message)
    {
        Error = error;
        Fields = fields.ToArray();
    }

    /// <summary>What.</summary>
    internal S3Error Error { get; }

    /// <summary>Further elements of the error document, in order.</summary>
    internal IReadOnlyList<ErrorField> Fields { get; }

    /// <summary>Further headers of the answer.</summary>
    internal List<KeyValuePair<string, string>> Headers { get; } = [];

    /// <summary>InvalidArgument with the argument's name and value.</summary>
    internal static S3Exception InvalidArgument(string message, string name, string? value) =>
        new(S3Errors.InvalidArgument, message, ("ArgumentName", name), ("ArgumentValue", value ?? ""));

    /// <summary>InvalidRequest with a message.</summary>
    internal static S3Exception InvalidRequest(string message) => new(S3Errors.InvalidRequest, message);

    /// <summary>MalformedXML.</summary>
    internal static S3Exception MalformedXml() => new(S3Errors.MalformedXml);
}

/// <summary>An element of an error document beyond the usual ones.</summary>
internal readonly record struct ErrorField(string Name, string Value)
{
    /// <summary>Text.</summary>
    public static implicit operator ErrorField((string Name, string Value) field) => new(field.Name, field.Value);

    /// <summary>A number.</summary>
    public static implicit operator ErrorField((string Name, long Value) field) =>
        new(field.Name, field.Value.ToString(CultureInfo.InvariantCulture));
}
