namespace Spillway.Web.Security;

/// <summary>What somebody may do.</summary>
public enum Role
{
    /// <summary>Look at everything.</summary>
    Reader,

    /// <summary>Also acknowledge alerts and write notes.</summary>
    Admin,
}
