using System.Text.Json.Serialization;

namespace Spillway.Pipeline;

/// <summary>Lists of texts as JSON, without reflection.</summary>
[JsonSerializable(typeof(List<string>))]
internal sealed partial class TransactionJson : JsonSerializerContext;
