namespace Spillway.Scripting.Tests;

/// <summary>
/// Every function that scripts can reach, called with arguments of every wrong kind: an error or a result, never the end of the process.
/// </summary>
public class WrongTypesTests
{
    // Each call is made under pcall; what counts is that it comes back, and that errors are texts.
    private const string Driver = """
        local values = { nil, true, false, 0, -1, 1.5, 1e308, -1e308, 0/0, 1/0, 2^53, '', 'text', 'a\0b', ('x'):rep(70000), {}, { {} }, print, function() end,
          coroutine.create(function() end), io.stdout, 5LL, 7ULL, '{77E462AB-2E42-42EC-9A58-C1A6821D6B31}', '06A:0A.01.02.03:p-C000_C6.33.64.07:p-01BB', '\255\254' }
        local count, bad = 0, {}
        local seed = SEED
        local function random(n) seed = (seed * 16807) % 2147483647 return seed % n + 1 end
        local function any() return values[random(26)] end
        local skipped = { appendtofile = true, writetofile = true }
        local function try(name, f, ...)
          count = count + 1
          local ok, message = pcall(f, ...)
          if not ok and type(message) ~= 'string' then bad[#bad + 1] = name .. ' raised a ' .. type(message) end
        end
        local function fuzz(name, object, methods)
          for _, method in ipairs(methods) do
            local ok, f = pcall(function() return object[method] end)
            if ok and type(f) == 'function' and not skipped[method] then
              for i = 1, 60 do
                local a, b, c, d, e, g = any(), any(), any(), any(), any(), any()
                try(name .. ":" .. method, f, object, a, b, c, d, e, g)
                try(name .. '.' .. method, f, a, b, c, d, e, g)
              end
            end
          end
        end
        local function keys(t) local list = {} for k in pairs(t) do if type(k) == 'string' then list[#list + 1] = k end end table.sort(list) return list end
        local ENGINE = { 'update_counter', 'update_counter_bytes', 'update_counter_raw', 'update_key_info', 'set_key_attribute', 'add_alert', 'add_alert_full',
          'add_alert_tca', 'add_alert_ids', 'add_resource', 'add_edge', 'add_flow_edges', 'tag_flow', 'disable_reassembly', 'add_flow_counter',
          'reset_flow_counter', 'add_flow_attribute', 'update_flow', 'update_flow_raw', 'set_flow_duration', 'new_flow_record', 'terminate_flow',
           'post_message_frontend', 'post_message_backend', 'timestamp', 'instanceid', 'id', 'probeid' }
        local BUFFER = { 'size', 'length', 'hval_8', 'hval_16', 'hval_24', 'hval_32', 'tostring', 'hexdump' }
        local PACKET = { 'timestamp', 'rawbytes', 'wire_length', 'capture_length', 'num_layers', 'get_layer', 'find_layer', 'flowid', 'originid' }
        local LAYER = { 'layer_bytes', 'protocol_id', 'rawbytes', 'total_bytes', 'packet', 'testbit', 'getbyte', 'flowkey' }
        local FLOW = { 'id', 'key', 'protocol', 'flow_type', 'ipa', 'ipz', 'porta', 'portz', 'to_s', 'ipa_readable', 'ipz_readable', 'porta_readable',
          'portz_readable', 'netflow_router', 'netflow_router_readable', 'netflow_ifindex_in', 'netflow_ifindex_out_readable' }
        TrisulPlugin = { id = { name = 'fuzz' },
          simplecounter = { protocol_guid = "{77E462AB-2E42-42EC-9A58-C1A6821D6B31}", onpacket = function(engine, layer)
            fuzz('engine', engine, ENGINE)
            fuzz('layer', layer, LAYER)
            fuzz('packet', layer:packet(), PACKET)
            fuzz('buffer', layer:rawbytes(), BUFFER)
            fuzz('flow', layer:packet():flowid(), FLOW)
            for _, library in ipairs { 'util', 'env', 'host' } do fuzz('T.' .. library, T[library], keys(T[library])) end
            fuzz('T', T, { 'log', 'logerror', 'loginfo', 'logdebug', 'logwarning', 're2', 'ac' })
            fuzz('T.async', T.async, { 'schedule', 'pending_items' })
            fuzz('re2', T.re2('(a)(b)?'), { 'partial_match', 'full_match', 'partial_match_c1', 'partial_match_c2', 'partial_match_n', 'full_match_n' })
            fuzz('ac', T.ac { 'a', 'bc' }, { 'match_all', 'match_one' })
            print(count > 5000, #bad, bad[1])
          end } }
        """;

    [Theory]
    [InlineData(1)]
    [InlineData(20_261_122)]
    public void EveryFunction_AnyArguments_ComesBack(int seed)
    {
        using var harness = new ScriptHarness(
            Driver.Replace("SEED", seed.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)
        );
        harness.Send(Packets.Syn());
        harness.Host.DoRequests();
        harness.Drain();

        Assert.DoesNotContain(harness.Output.Errors, error => error.StartsWith("FAULT", StringComparison.Ordinal));
        Assert.Equal($"true\t0\tnil\n", harness.Output.Printed);
    }
}
