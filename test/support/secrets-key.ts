// What seals secrets in tests.
export const testSecretsKey = Buffer.alloc(32, 'k1n').toString('base64')
