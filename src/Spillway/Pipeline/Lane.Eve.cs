using System.Runtime.CompilerServices;
using Spillway.Eve;

namespace Spillway.Pipeline;

/// <content>Events as EVE JSON.</content>
internal sealed partial class Lane
{
    private readonly EveLane? _eve;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void TellStats(EveLane eve, bool isLast = false) => eve.OnStats(_flows.Statistics, _reassembler.Statistics, _content.Observer.Statistics, _protocols, isLast);
}
