// policy_check.mjs POLICY N - the peer decides N times on one policy; ec2:osuser is a key that it knows
import { readFileSync } from 'node:fs'

const { runUnsafeSimulation } = await import(new URL('file://' + process.env.PEER +
	'/node_modules/@cloud-copilot/iam-simulate/dist/esm/index.js').href)
const [file, n] = process.argv.slice(2)
const policy = JSON.parse(readFileSync(file, 'utf8').replaceAll('ec2:osuser', 'aws:PrincipalTag/osuser'))
let last
for (let i = 0; i < Number(n); i++)
	last = runUnsafeSimulation({
		identityPolicies: [{ name: 'p', policy }], serviceControlPolicies: [], resourceControlPolicies: [],
		request: {
			principal: 'arn:aws:iam::111122223333:user/ann', action: 'ec2-instance-connect:SendSSHPublicKey',
			resource: { resource: 'arn:aws:ec2:eu-west-1:111122223333:instance/i-1234567890abcdef0', accountId: '111122223333' },
			contextVariables: { 'aws:PrincipalTag/osuser': 'root', 'aws:username': 'ann' }
		}
	}, {})
console.log(last)
