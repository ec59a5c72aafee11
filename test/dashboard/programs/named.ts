// Loaded before a program: its machine has a name of ours, so that nothing it writes tells of the one it runs on.
import os from 'node:os'
import { syncBuiltinESMExports } from 'node:module'

os.hostname = () => 'worker-host'
syncBuiltinESMExports()
