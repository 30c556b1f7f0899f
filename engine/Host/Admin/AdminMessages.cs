using System.Collections.Generic;
using System.Text.Json;
using System.Text.Json.Serialization;
using ObjectStore.Engine.Auth;

namespace ObjectStore.Engine.Host;

/// <summary>What an admin command asks.</summary>
internal enum AdminVerb
{
    /// <summary>Add <see cref="AdminRequest.User"/>.</summary>
    UserAdd,

    /// <summary>List all.</summary>
    UserList,

    /// <summary>Remove the user of that name.</summary>
    UserRemove,
}

/// <summary>One command, one JSON line on the admin socket.</summary>
internal sealed record AdminRequest(AdminVerb Verb, Identity? User = null, string Name = "");

/// <summary>The answer, one JSON line. Users come without their secrets.</summary>
internal sealed record AdminResponse(int Code, string Message, IReadOnlyList<AdminUser> Users);

/// <summary>A user as lists show it.</summary>
internal sealed record AdminUser(string Name, string AccessKey, string CanonicalId, string Email);

/// <summary>How both ends write them.</summary>
internal static class AdminFormat
{
    /// <summary>Longest line that either end takes.</summary>
    internal const int LineBytesMax = 16 * 1024 * 1024;

    internal static readonly JsonSerializerOptions Line = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };

    internal static readonly JsonSerializerOptions Pretty = new(Line) { WriteIndented = true };
}
