-- Decides whether a job scheduler is still as it was read; if so removes it, as BullMQ does, and with it the job for its next time
-- where that still waits for its time.
-- KEYS: repeat, delayed, events. ARGV: id, beginning of the queue's keys, its next time, whether that time's job waits for it (1, 0)
-- Answers 1 when it was removed, 0 when it is otherwise now, -1 when it is not there.
local call, id = redis.call, ARGV[1]
local next = call('ZSCORE', KEYS[1], id)
if not next then return -1 end
local job = 'repeat:' .. id .. ':' .. next
local waits = call('ZSCORE', KEYS[2], job) and '1' or '0'
if next ~= ARGV[3] or waits ~= ARGV[4] then return 0 end
if waits == '1' then
  local key = ARGV[2] .. job
  call('ZREM', KEYS[2], job)
  call('DEL', key, key .. ':logs', key .. ':dependencies', key .. ':processed', key .. ':failed', key .. ':unsuccessful')
  call('XADD', KEYS[3], '*', 'event', 'removed', 'jobId', job, 'prev', 'delayed')
end
call('ZREM', KEYS[1], id)
call('DEL', KEYS[1] .. ':' .. id)
return 1
