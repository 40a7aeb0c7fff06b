-- What host and scripts share in memory. The C# side of each struct is named beside it; a test compares sizes and offsets.
local ffi = require 'ffi'

ffi.cdef [[
typedef struct { uint16_t protocol, reserved; int32_t offset, length; } sw_layer;               /* LayerInfo */

typedef struct {                                                                                 /* FlowKey */
  uint64_t a_high, a_low, z_high, z_low;
  uint16_t port_a, port_z;
  uint8_t protocol, version;
  uint16_t scope;
} sw_flow_key;

typedef struct {                                                                                 /* PacketInfo */
  const uint8_t* data;
  int64_t timestamp_ns;
  int32_t wire_length, captured_length, link_type, layer_count;
  sw_layer layers[24];
  sw_flow_key key;
  uint8_t kind, from_a, protocol, tcp_flags;
  uint32_t tcp_sequence, tcp_acknowledgment;
  uint16_t tcp_window, vlan_plus_one;
  int32_t payload_offset, payload_length, payload_wire_length;
  int32_t ip_offset, ip_payload_offset, ip_payload_length;
  uint32_t fragment_id;
  int32_t fragment_offset;
  uint8_t more_fragments, error;
  struct { uint8_t kind; uint64_t number; } opaque;
  uint8_t is_broadcast, is_disregarded;
} sw_packet;

typedef struct { const uint8_t* data; int64_t length; } sw_bytes;                                /* NativeBytes */

typedef struct {                                                                                 /* HeaderView */
  int64_t id;            /* 0: no header was seen */
  sw_bytes raw;
  int32_t status, is_request;
} sw_header;

typedef struct {                                                                                 /* ItemView: the session, alert, resource or document of the callback */
  int64_t timestamp_ns, first_ns, last_ns;
  double counters[6];
  int32_t state, setup_rtt, retransmissions, priority;
  sw_bytes texts[6];
} sw_item;

typedef struct {                                                                                 /* VmCall: arguments of the callback that runs */
  int32_t vm;
  uint32_t generation;   /* changes at the begin and end of every callback: views of another generation are dead */
  int64_t timestamp_ns;
  const sw_packet* packet;
  int64_t flow_number;
  sw_flow_key flow_key;
  int32_t direction, layer;
  int32_t result, flag;
  double position, length;
  sw_bytes data, text, name;
  sw_header request, response;
  int64_t task;
  int32_t code, data_kind, result_kind, slot;
  sw_bytes blob, out;
  int32_t attended;
  int32_t packet_policy; /* 0: the script has none for this packet, else one more than the policy */
  const sw_item* item;
  int64_t interval_ns;   /* start of the window that was flushed last */
  void* ring;
  void* account;         /* on a lane */
  void* run;             /* on a worker */
  int32_t from_ring, left;
} sw_call;

typedef struct {                                                                                 /* RingRecord, and what follows it */
  int32_t size, kind, code, slot, client, data_kind, length, blob;
  double id;
  int64_t stamp;
  uint8_t data[8];
} sw_record;

typedef struct {                                                                                 /* RingWords */
  int32_t tail, pad0[31];
  sw_record* put_at;
  uint8_t* put_end;
  int32_t put, open;
  double* ids;
  sw_record* take_at;
  int32_t take, pad1;
  int64_t deadline, pad2[9];
  sw_record* read_at;
  int32_t read, pad3;
  sw_record* out_at;
  uint8_t* out_end;
  int32_t out, pad4;
  double succeeded;
  int64_t stamp, pad5[9];
  int32_t done, pad6[31];
  int32_t asleep, pad7[31];
  int32_t waiting, pad8[31];
  int32_t leave, pad9[63];
} sw_ring;

typedef struct {                                                                                 /* RingShare */
  double submitted, completed, calls;
  int32_t client, leased, delivering;
} sw_account;

typedef struct {                                                                                 /* RingTimes */
  int64_t start, until, slow, last, wait[497], run[497];
  int32_t running;
} sw_run;

typedef struct { const uint8_t* p; uint32_t n, gen; } sw_buffer;
typedef struct { int32_t index; uint32_t gen; } sw_layer_view;
typedef struct { uint32_t gen, reserved; } sw_packet_view;

typedef struct {                                                                                 /* AsyncFigures */
  double submitted, completed, failed, timed_out, retried, spilled, dropped, pending, workers;
  double wait_p50, wait_p99, wait_max, run_p50, run_p99, run_max;
} sw_async_figures;

typedef struct {                                                                                 /* HostApi: functions of the host */
  void (*print)(int vm, const char* text, size_t length);
  void (*log)(int vm, int level, const char* text, size_t length);
  int (*find_counter_group)(int vm, const char* guid, size_t length);
  void (*update_counter)(int vm, int group, const char* key, size_t length, int meter, double value);
  void (*update_key_info)(int vm, int group, const char* key, size_t key_length, const char* label, size_t label_length,
    const char* description, size_t description_length);
  void (*set_key_attribute)(int vm, int group, const char* key, size_t key_length, const char* name, size_t name_length,
    const char* value, size_t value_length);
  void (*add_alert)(int vm, const sw_bytes* fields, double priority);
  void (*add_resource)(int vm, const sw_bytes* fields);
  void (*tag_flow)(int vm, const char* flow, size_t flow_length, const char* tag, size_t tag_length);
  void (*disable_reassembly)(int vm, const char* flow, size_t length);
  void (*add_edge)(int vm, const sw_bytes* fields);
  int (*format_flow_key)(const sw_flow_key* key, char* destination, int capacity);
  int (*get_config)(int vm, const char* path, size_t length, char* destination, int capacity);
  int (*regex_compile)(int vm, const char* pattern, size_t length, int options);
  int (*regex_match)(int regex, const char* subject, size_t length, int full, int32_t* spans, int capacity);
  uint32_t (*murmur2)(const char* text, size_t length);
  int (*intern_code)(int vm, const char* code, size_t length, int line);
  int (*fetch_code)(int vm, sw_bytes* out);
  double (*submit)(int vm, int kind, const sw_bytes* fields, double number, int code, int data_kind, int retries, int slot);
  int (*next_result)(int vm);
  double (*pending)(int vm);
  void (*request)(int vm, int kind, const sw_bytes* fields);
  void (*add_flow_counter)(int vm, const char* flow, size_t flow_length, int group, const char* key, size_t key_length, int meter, int direction);
  void (*remove_flow_counters)(int vm, const char* flow, size_t flow_length, int group);
  void (*statistics)(int vm, sw_async_figures* figures);
  int (*command_start)(int vm, const char* command, size_t length, int pipe, int32_t* file);
  int (*command_wait)(int vm, int process);
  void (*command_release)(int vm, int process);
  int (*command_error)(int error, char* destination, int capacity);
  int (*find_protocol)(int vm, const char* guid, size_t length);
  int (*protocol_guid)(int vm, int number, char* destination, int capacity);
  int (*update_flow)(int vm, const char* flow, size_t length, int meter, double value);
  void (*set_flow_duration)(int vm, const char* flow, size_t length, double seconds);
  void (*set_packet)(int vm, int64_t timestamp_ns, int link, const char* bytes, size_t length);
  void (*set_timestamp)(int vm, int64_t timestamp_ns);
  void (*import_alert)(int vm, const sw_bytes* fields, double priority, int64_t timestamp_ns);
  int (*automaton_build)(int vm, const sw_bytes* patterns, int count);
  int (*automaton_match)(int vm, int automaton, const char* text, size_t length, int one, int32_t* hits, int capacity);
  void (*automaton_free)(int automaton);
  void (*set_item)(int vm, int field, const char* text, size_t length, double number);
  void (*print_error)(int vm, const char* text, size_t length);
  void (*flush)(int vm);
  void (*finalizer_failed)(int vm, const char* message, size_t length);
  int (*ring_open)(int vm);
  int (*ring_code)(int vm, int number);
  int (*ring_grow)(int vm);
  void (*ring_ids)(int vm);
  void (*ring_wake)(int vm);
  void (*ring_follow)(int vm);
  void (*ring_room)(int vm, int bytes);
  void (*ring_tell)(int vm);
  int (*ring_text)(int vm, int code, sw_bytes* out);
} sw_host;
]]

return ffi
