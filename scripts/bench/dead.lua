-- Makes many dead letters of a queue at once, in the shape BullMQ stores them, without events: the past an inbox has.
-- Each is of one of the given causes in turn, and every `#` of its texts becomes another number.
-- KEYS: prefix, failed, meta. ARGV: first number, how many, data, ms of the first death, ms between two, causes, and for
-- each cause: name, version, message, trace
local prefix, first, count, data = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
local start, step, causes = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local opts, judged = '{"attempts":3}', '{"attempt":3,"name":"%s","class":"permanent","version":"%s"}'
redis.call('HSETNX', KEYS[3], 'opts.maxLenEvents', 200000)
for n = first, first + count - 1 do
  local cause = 7 + 4 * (n % causes)
  local at = string.format('%.0f', start + n * step)
  local id = string.format('t_01991f2a-%04x-7abc-8def-%012x', n % 65536, n)
  local number = tostring(n)
  local trace = string.gsub(ARGV[cause + 3], '#', number)
  redis.call('HSET', prefix .. id, 'name', ARGV[cause], 'data', data, 'opts', opts, 'timestamp', at, 'delay', 0,
    'priority', 0, 'atm', 3, 'ats', 3, 'processedOn', at, 'finishedOn', at, 'pb', 'w_worker-1-4711-abcdef',
    'failedReason', (string.gsub(ARGV[cause + 2], '#', number)), 'stacktrace', trace,
    'k1nError', string.format(judged, string.match(trace, '^%["(%w+)') or 'Error', ARGV[cause + 1]))
  redis.call('ZADD', KEYS[2], at, id)
end
return count
