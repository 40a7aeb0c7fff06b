namespace Spillway.Scripting.Tests;

/// <summary>The same without rings: see <see cref="ScriptHarness"/>.</summary>
public sealed class AsyncDeliveryTestsWithoutRings : AsyncDeliveryTests;

/// <inheritdoc cref="AsyncDeliveryTestsWithoutRings"/>
public sealed class AsyncUpvalueTestsWithoutRings : AsyncUpvalueTests;

/// <inheritdoc cref="AsyncDeliveryTestsWithoutRings"/>
public sealed class RingTestsWithoutRings : RingTests;

/// <inheritdoc cref="AsyncDeliveryTestsWithoutRings"/>
public sealed class RingMixTestsWithoutRings : RingMixTests;
