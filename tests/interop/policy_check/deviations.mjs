// deviations.mjs - where the peer departs from what AWS documents, one case for each: name, ours, the peer's
//
// random.mjs leaves these out, by these names. A line that changes tells that the peer, or we, changed.
import * as oracle from './oracle.mjs'
import * as ours from './ours.mjs'

const USER = 'arn:aws:iam::111122223333:user/ann', INSTANCE = 'arn:aws:ec2:eu-west-1:111122223333:instance/i-0a1b2c3d4e5f60718'
const V = '2012-10-17'
const allow = (more = {}) => ({ Effect: 'Allow', Action: '*', Resource: '*', ...more })
const deny = (more = {}) => ({ ...allow(more), Effect: 'Deny' })
const when = (operator, key, value) => ({ Condition: { [operator]: { [key]: value } } })
const doc = (statements, version = V) => ({ ...(version ? { Version: version } : {}), Statement: [statements].flat() })
const world = (statements, more = {}, version = V) => ({ identity: [doc(statements, version)], ...more })
const ask = (context = {}, more = {}) => ({ principal: USER, action: 'ec2-instance-connect:SendSSHPublicKey', resource: INSTANCE,
	account: '111122223333', context, ...more })
const SESSION = 'arn:aws:sts::111122223333:assumed-role/ops/night', QUEUE = 'arn:aws:sqs:eu-west-1:111122223333:jobs'

const DEVIATIONS = {
	'ipv4-slash-zero': [world(allow(when('IpAddress', 'aws:SourceIp', '0.0.0.0/0'))), ask({ 'aws:SourceIp': '192.0.2.1' })],
	'epoch-as-milliseconds': [world(allow(when('DateLessThan', 'aws:CurrentTime', '1900000000'))), ask({ 'aws:CurrentTime': '2026-01-31T12:00:00Z' })],
	'four-digit-year': [world(allow(when('DateLessThan', 'aws:CurrentTime', '2027'))), ask({ 'aws:CurrentTime': '2026-01-31T12:00:00Z' })],
	'variables-in-old-versions': [world(allow(when('StringEquals', 'ec2:osuser', '${aws:username}')), {}, null),
		ask({ 'ec2:osuser': 'ann', 'aws:username': 'ann' })],
	'escapes-under-equals': [world(allow(when('StringEquals', 'custom:text', 'a${*}b'))), ask({ 'custom:text': 'a*b' })],
	'bare-ipv6-as-text': [world(allow(when('IpAddress', 'aws:SourceIp', '2001:db8::1'))), ask({ 'aws:SourceIp': '2001:DB8:0:0::1' })],
	'not-ip-address-across-families': [world(allow(when('NotIpAddress', 'aws:SourceIp', '192.0.2.1'))), ask({ 'aws:SourceIp': '2001:db8::1' })],
	'unresolved-variable-negated': [world([allow(), deny(when('StringNotEquals', 'aws:ResourceTag/Team', '${aws:PrincipalTag/Team}'))]),
		ask({ 'aws:ResourceTag/Team': 'red' })],
	'lenient-numbers': [world(allow(when('NumericEquals', 'custom:number', '10'))), ask({ 'custom:number': '10abc' })],
	'not-resource-short-arn': [world([allow(), deny({ Resource: undefined, NotResource: 'arn:aws:s3' })]), ask()],
	'not-resource-unresolved-variable': [world([allow(), deny({ Resource: undefined, NotResource: INSTANCE.replace(/i-.*/, '${aws:PrincipalTag/Own}') })]),
		ask()],
	'session-policy-limits-resource-policy': [
		{ identity: [doc(deny({ Action: 's3:*' }))], session: doc(allow({ Action: 's3:*' })),
			resource: doc(allow({ Principal: { AWS: SESSION } })) },
		ask({}, { principal: SESSION, action: 'sqs:SendMessage', resource: QUEUE })],
	'partition-without-case': [world(allow({ Resource: INSTANCE.replace(':aws:', ':AWS:') })), ask()],
	'type-wildcard-never-matches': [world(allow({ Resource: INSTANCE.replace('instance/', '*/') })), ask()],
	'for-any-value-if-exists': [world(allow(when('ForAnyValue:StringEqualsIfExists', 'aws:TagKeys', 'Env'))), ask()],
	'set-operator-on-null': [world(allow(when('ForAnyValue:Null', 'aws:TagKeys', 'true'))), ask()],
	'wildcard-over-newline': [world(allow(when('StringLike', 'custom:text', 'x*y'))), ask({ 'custom:text': 'x\ny' })],
	'wildcard-in-action-prefix': [world(allow({ Action: 'ec2-instance-conn*:SendSSHPublicKey' })), ask()],
	'endpoint-policy-principal': [world(allow(), { endpoint: doc([allow({ Principal: '*' }), deny({ Principal: { AWS: USER.replace('ann', 'bob') } })]) }),
		ask()],
	'tags-of-no-resource': [world(allow(when('StringEquals', 'aws:ResourceTag/Env', 'dev'))),
		ask({ 'aws:ResourceTag/Env': 'dev' }, { action: 'ec2:DescribeInstances', resource: '*' })],
	'not-principal-account-alone': [world(allow(), { resource: doc(deny({ NotPrincipal: { AWS: '111122223333' } })) }),
		ask({}, { action: 'sqs:SendMessage', resource: QUEUE })],
	'not-principal-without-account': [world(allow(), { resource: doc(deny({ NotPrincipal: { AWS: USER } })) }),
		ask({}, { action: 'sqs:SendMessage', resource: QUEUE })],
	'path-of-a-role': [world(allow({ Action: 's3:*' }), { resource: doc(allow({ Principal: { AWS: 'arn:aws:iam::111122223333:role/team/ops' } })) }),
		ask({}, { principal: SESSION, action: 'sqs:SendMessage', resource: QUEUE })]
}

for (const [name, [w, r]] of Object.entries(DEVIATIONS)) console.log(`${name} ${ours.decide(w, [r])[0]} ${oracle.decide(w, r)}`)

// The peer's public entry points refuse the question itself.
const { runSimulation, runUnsafeSimulation } = await import(new URL('file://' + process.env.PEER +
	'/node_modules/@cloud-copilot/iam-simulate/dist/esm/index.js').href)
const simulation = (action, resource, statement, context) => ({
	identityPolicies: [{ name: 'p', policy: doc(statement) }], serviceControlPolicies: [], resourceControlPolicies: [],
	request: { principal: USER, action, resource: { resource, accountId: '111122223333' }, contextVariables: context }
})

async function refusal(s) {
	try {
		const result = await runSimulation(s, {})
		return result.resultType === 'error' || result.errors ? 'refused' : String(result.overallResult ?? result.resultType)
	} catch (e) {
		return 'refused'
	}
}

const osuser = allow(when('StringEquals', 'ec2:osuser', 'ec2-user'))
console.log(`public-api-osuser ${ours.decide(world(osuser), [ask({ 'ec2:osuser': 'ec2-user' })])[0]} ` +
	await refusal(simulation('ec2-instance-connect:SendSSHPublicKey', INSTANCE, osuser, { 'ec2:osuser': 'ec2-user' })))
const endpoint = INSTANCE.replace(/instance.*/, 'instance-connect-endpoint/eice-0123456789abcdef0')
console.log(`public-api-tunnel ${ours.decide(world(allow()), [ask({}, { action: 'ec2-instance-connect:OpenTunnel', resource: endpoint })])[0]} ` +
	await refusal(simulation('ec2-instance-connect:OpenTunnel', endpoint, allow(), {})))
const session = { ...simulation('ec2-instance-connect:SendSSHPublicKey', INSTANCE, allow(), {}), sessionPolicy: doc(deny()) }
console.log(`unsafe-api-session ${ours.decide(world(allow(), { session: doc(deny()) }), [ask({}, { principal: SESSION })])[0]} ` +
	(runUnsafeSimulation({ ...session, request: { ...session.request, principal: SESSION } }, {}) === 'Allowed' ? 'allowed' : 'denied'))
