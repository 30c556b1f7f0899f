using System.Collections.Generic;
using System.Text.Json;
using System.Text.Json.Serialization;
using ObjectStore.Engine.Auth;
using ObjectStore.Engine.Cluster;

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

    /// <summary>A <see cref="ClusterStatus"/>.</summary>
    Status,

    /// <summary>A list of <see cref="DiskStatus"/>.</summary>
    Disks,

    /// <summary>A list of <see cref="GroupStatus"/>.</summary>
    Groups,

    /// <summary>A <see cref="RepairStatus"/>.</summary>
    Repair,

    /// <summary>Do <see cref="AdminRequest.Decommission"/>.</summary>
    Decommission,

    /// <summary>Do <see cref="AdminRequest.Join"/>.</summary>
    Join,
}

/// <summary>One command, one JSON line on the admin socket.</summary>
internal sealed record AdminRequest(
    AdminVerb Verb, Identity? User = null, string Name = "", bool Now = false, DecommissionRequest? Decommission = null, JoinRequest? Join = null);

/// <summary>The answer, one JSON line. Users come without their secrets. The result is what the verb says.</summary>
internal sealed record AdminResponse(int Code, string Message, IReadOnlyList<AdminUser> Users, JsonElement? Result = null);

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
