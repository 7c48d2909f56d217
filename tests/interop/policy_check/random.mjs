// random.mjs - random policies and requests out of a seed, with what the peer is known to get wrong left out by name
//
// Left out (each has its own test in deviations.mjs): see DEVIATIONS there.

// mulberry32, so that a seed always gives the same cases
export function generator(seed) {
	let s = seed >>> 0
	const next = () => {
		s = (s + 0x6d2b79f5) >>> 0
		let t = Math.imul(s ^ (s >>> 15), s | 1)
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296
	}
	return {
		chance: (p) => next() < p,
		pick: (l) => l[Math.floor(next() * l.length)],
		some(l, most) {
			const n = 1 + Math.floor(next() * most)
			return Array.from({ length: n }, () => l[Math.floor(next() * l.length)])
		},
		number: (n) => Math.floor(next() * n)
	}
}

const ACCOUNT = '111122223333', OTHER = '444455556666'
const PRINCIPALS = [
	`arn:aws:iam::${ACCOUNT}:user/ann`, `arn:aws:iam::${ACCOUNT}:user/team/bob`, `arn:aws:iam::${ACCOUNT}:role/ops`,
	`arn:aws:sts::${ACCOUNT}:assumed-role/ops/night`, `arn:aws:sts::${ACCOUNT}:federated-user/fred`,
	`arn:aws:iam::${ACCOUNT}:role/team/dev`, `arn:aws:sts::${ACCOUNT}:assumed-role/dev/day`
]
const ROLE_OF = { [PRINCIPALS[3]]: PRINCIPALS[2], [PRINCIPALS[6]]: PRINCIPALS[5] }
const root = (account) => `arn:aws:iam::${account}:root`
const instance = (id, region = 'eu-west-1', account = ACCOUNT) => `arn:aws:ec2:${region}:${account}:instance/${id}`
const INSTANCES = ['i-0a1b2c3d4e5f60718', 'i-00000000000000001', 'i-0a1b2c3d']
const EIC = 'ec2-instance-connect:'
const QUEUE = `arn:aws:sqs:eu-west-1:${ACCOUNT}:jobs`

const ACTIONS = [EIC + 'SendSSHPublicKey', EIC + 'SendSSHPublicKey', EIC + 'SendSSHPublicKey', EIC + 'SendSerialConsoleSSHPublicKey',
	EIC + 'OpenTunnel', 'ec2:StartInstances', 'ec2:DescribeInstances']
const ACTION_PATTERNS = [EIC + 'SendSSHPublicKey', EIC + 'SendSSHPublicKey', EIC + 'sendsshpublickey', 'EC2-Instance-Connect:SendSSHPublicKey',
	EIC + '*', EIC + 'Send*', EIC + '*PublicKey', EIC + 'Send?SHPublicKey', EIC + 'Open*', EIC + 'S*n*y', EIC + '????', '*', 'ec2:*',
	'ec2:Describe*', 'ec2:StartInstances', 'sqs:SendMessage', 'sqs:*', EIC + 'Send SSHPublicKey']
const RESOURCE_PATTERNS = ['*', '*', instance('*'), instance('*'), instance(INSTANCES[0]), instance(INSTANCES[1]), instance('i-0*'),
	instance('i-0a1b2c3?'), instance('*', '*'), instance('*', 'eu-*'), instance('*', 'us-east-1'), instance('*', '*', '*'),
	`arn:aws:ec2:eu-west-1:${ACCOUNT}:*`, `arn:aws:ec2:*:${ACCOUNT}:inst*`, 'arn:aws:ec2:*', 'arn:aws:*', 'arn:*:ec2:*:*:instance/*',
	`arn:aws:ec2:eu-west-1:${ACCOUNT}:instance-connect-endpoint/*`, instance('*1'), instance('i-*-*'), QUEUE,
	`arn:aws:ec2:eu-west-?:${ACCOUNT}:instance/*`, 'arn:aws-cn:ec2:*:*:instance/*', instance('I-0A1B2C3D4E5F60718')]

const USERS = ['ec2-user', 'root', 'ubuntu', 'Root', 'admin', 'dev-ann', 'dev-', 'dev', 'r']
const STRINGS = {
	'ec2:osuser': [...USERS, 'rööt', 'dev-*', 'r*', '*', 'r??t', '?oot', 'ROOT', 'dev-${aws:username}', '${aws:username}', '*-*', '', 'r*t*'],
	'aws:ResourceTag/Env': ['prod', 'dev', 'Prod', 'p*', '*', '?rod', 'test', '${aws:PrincipalTag/Env}', "${aws:PrincipalTag/Env, 'dev'}"],
	'ec2:ResourceTag/Team': ['prod', 'dev', 'p*', 'd??'],
	'aws:PrincipalTag/Env': ['prod', 'dev', 'PROD', '*d*', ''],
	'aws:RequestedRegion': ['eu-west-1', 'us-east-1', 'eu-*', '*-1', 'eu-west-?'],
	'aws:username': ['ann', 'bob', 'a*', '???', '${aws:PrincipalTag/Env}'],
	'custom:text': ['a', 'b', 'A', 'a*b', '*', 'a:b/c', 'é', 'a?', '2024', 'true', '7'],
	'aws:TagKeys': ['Env', 'Team', 'T*', 'env', '*']
}
const FAMILIES = {
	String: { ops: ['Equals', 'NotEquals', 'EqualsIgnoreCase', 'NotEqualsIgnoreCase', 'Like', 'NotLike'], keys: STRINGS },
	Numeric: {
		ops: ['Equals', 'NotEquals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals'],
		keys: {
			[EIC + 'remotePort']: ['22', '3389', '22.0', '0', '1024', 22], [EIC + 'maxTunnelDuration']: ['3600', '60', '1800.5', 3600],
			'custom:number': ['-1', '0', '1.5', '1.50', '10', '9', '100000000000', -1.5]
		}
	},
	Date: {
		ops: ['Equals', 'NotEquals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals'],
		keys: {
			'aws:CurrentTime': ['2026-01-31T12:00:00Z', '2026-01-31T13:00:00+01:00', '2026-01-31', '2026-02', '2026-01-31T12:00:00.500Z',
				'2025-12-31T23:59:59Z'],
			'custom:date': ['2026-01-31T12:00:00Z', '2026-01-31T12:00Z', '2027-06-01T00:00:00-05:00']
		}
	},
	Bool: { ops: [''], keys: { 'aws:MultiFactorAuthPresent': ['true', 'false', 'TRUE', true, false], 'custom:flag': ['true', 'false'] } },
	Binary: { ops: ['Equals'], keys: { 'custom:binary': ['Zm9v', 'YmFy', 'Zm9vYg=='] } },
	IpAddress: {
		ops: ['', 'Not'],
		keys: {
			'aws:SourceIp': ['192.0.2.0/24', '192.0.2.1/32', '198.51.100.0/25', '10.0.0.0/8', '192.0.2.77/30', '2001:db8::/32',
				'2001:db8:0:1::/64', '192.0.2.7'],
			[EIC + 'privateIpAddress']: ['10.0.1.0/31', '10.0.0.0/16', '10.0.1.9/32']
		}
	},
	Arn: {
		ops: ['Equals', 'NotEquals', 'Like', 'NotLike'],
		keys: {
			'aws:PrincipalArn': [...PRINCIPALS, `arn:aws:iam::${ACCOUNT}:user/*`, 'arn:aws:iam::*:role/*', `arn:aws:iam::${ACCOUNT}:*/ann`,
				'arn:aws:iam::11112222333?:user/ann', 'arn:*:iam::*:*', `arn:aws:iam::${ACCOUNT}:user/\${aws:username}`],
			'ec2:SourceInstanceARN': [instance(INSTANCES[0]), instance('*'), instance('*', '*')]
		}
	},
	Null: { ops: [''], keys: { 'ec2:osuser': ['true', 'false'], 'aws:MultiFactorAuthPresent': ['true', 'false', true], 'aws:TagKeys': ['true'] } }
}
const VALUES = {
	'ec2:osuser': USERS, 'aws:ResourceTag/Env': ['prod', 'dev', 'Prod', 'test'], 'aws:PrincipalTag/Env': ['prod', 'dev', 'p*d'],
	'aws:RequestedRegion': ['eu-west-1', 'us-east-1'], 'aws:username': ['ann', 'bob'], 'custom:text': ['a', 'b', 'axb', 'a:b/c', 'é', 'aé'],
	[EIC + 'remotePort']: ['22', '3389', '80'], [EIC + 'maxTunnelDuration']: ['3600', '60', '1800'],
	'custom:number': ['-1', '0', '1.5', '10', '9.99', 'ten'], 'aws:CurrentTime': ['2026-01-31T12:00:00Z', '2026-01-31T00:00:00Z', '2026-02-01T00:00:00Z'],
	'custom:date': ['2026-01-31T12:00:00Z', '2027-06-01T05:00:00Z', 'never'], 'aws:MultiFactorAuthPresent': ['true', 'false'],
	'custom:flag': ['true', 'false', 'yes'], 'custom:binary': ['Zm9v', 'YmFy', 'Zm9vYg=='],
	'aws:SourceIp': ['192.0.2.1', '192.0.2.78', '198.51.100.200', '10.1.2.3', '2001:db8:0:1::5', '2001:db9::1'],
	[EIC + 'privateIpAddress']: ['10.0.1.1', '10.0.1.9', '192.168.0.1'], 'ec2:SourceInstanceARN': [instance(INSTANCES[0]), instance('i-0', 'us-east-1')]
}
const MANY = { 'aws:TagKeys': ['Env', 'Team', 'env'], 'custom:text': ['a', 'b', 'axb'] }

const operator = (family, op) => family === 'IpAddress' ? `${op}IpAddress` : family + op
const negated = (name) => name.includes('Not')
const unresolvable = (v) => typeof v === 'string' && v.includes('${') && !v.includes("'")

// One condition. The deviations of the peer are avoided here, by name.
function condition(g, version) {
	const family = g.pick(['String', 'String', 'String', 'String', 'Numeric', 'Date', 'Bool', 'Binary', 'IpAddress', 'Arn', 'Null'])
	const name = operator(family, g.pick(FAMILIES[family].ops))
	const key = g.pick(Object.keys(FAMILIES[family].keys))
	let values = g.some(FAMILIES[family].keys[key], 3)
	const set = family !== 'Null' && g.chance(0.15) ? g.pick(['ForAllValues:', 'ForAnyValue:']) : '' // set-operator-on-null
	const ifExists = family !== 'Null' && set !== 'ForAnyValue:' && g.chance(0.15) ? 'IfExists' : '' // for-any-value-if-exists
	if (!version) values = values.filter((v) => !String(v).includes('${')) // variables-in-old-versions
	if (negated(name)) values = values.filter((v) => !unresolvable(v)) // unresolved-variable-negated
	if (name === 'NotIpAddress') values = values.filter((v) => v.includes('/')) // not-ip-address-across-families
	if (values.length === 0) values = [...FAMILIES[family].keys[key]].filter((v) => !String(v).includes('${')).slice(0, 1)
	const written = g.chance(0.1) ? key.toUpperCase() : key
	return [set + name + ifExists, written, values.length === 1 && g.chance(0.7) ? values[0] : values]
}

function conditions(g, version) {
	const block = {}
	for (let n = g.pick([0, 0, 1, 1, 1, 2, 2, 3]); n > 0; n--) {
		const [name, key, values] = condition(g, version)
		block[name] ??= {}
		if (!Object.keys(block[name]).some((k) => k.toLowerCase() === key.toLowerCase())) block[name][key] = values
	}
	return block
}

const oneOrMany = (g, list) => list.length === 1 && g.chance(0.6) ? list[0] : list

function resources(g, kind, not, version) {
	let list = g.some(RESOURCE_PATTERNS, 3)
	if (kind === 'resource' && g.chance(0.6)) list.push(g.pick([QUEUE, '*', 'arn:aws:sqs:*:*:jobs']))
	if (version && !not && g.chance(0.1)) list.push(instance('${ec2:osuser}*'), instance('${aws:PrincipalTag/Env}'))
	if (not) list = list.filter((r) => r.split(':').length >= 6 || r === '*') // not-resource-short-arn
	return list.length ? list : [instance('*')]
}

let sids = 0

// Of a resource-based policy. A Deny with NotPrincipal lists strangers, or all that the one who asks needs: see
// not-principal-account-alone and not-principal-without-account.
function principal(g, s, only) {
	if (only && g.chance(0.3)) {
		s.Effect = 'Deny'
		s.NotPrincipal = { AWS: [only, ...(ROLE_OF[only] ? [ROLE_OF[only]] : []), g.chance(0.5) ? ACCOUNT : root(ACCOUNT)] }
	} else if (g.chance(0.12)) {
		s.NotPrincipal = s.Effect === 'Deny' ? { AWS: g.pick([OTHER, root(OTHER), `arn:aws:iam::${OTHER}:user/ann`]) }
			: { AWS: g.some([...PRINCIPALS, ACCOUNT, OTHER], 3) }
	} else
		s.Principal = g.pick(['*', { AWS: '*' }, { AWS: ACCOUNT }, { AWS: root(ACCOUNT) }, { AWS: PRINCIPALS[0] },
			{ AWS: [PRINCIPALS[2], PRINCIPALS[1]] }, { AWS: PRINCIPALS[3] }, { AWS: OTHER }, { Service: 'ec2.amazonaws.com' },
			{ AWS: PRINCIPALS[5] }, { AWS: [PRINCIPALS[6], OTHER] }, { AWS: g.pick(PRINCIPALS) }])
}

function statement(g, kind, version, only) {
	const s = { Effect: g.chance(0.72) ? 'Allow' : 'Deny' }
	const notAction = g.chance(0.1), notResource = g.chance(0.1)
	if (g.chance(0.5)) s.Sid = `S${sids++}`
	if (kind === 'endpoint') s.Principal = '*' // endpoint-policy-principal
	if (kind === 'resource') principal(g, s, only)
	s[notAction ? 'NotAction' : 'Action'] = oneOrMany(g, g.some(ACTION_PATTERNS, 3))
	s[notResource ? 'NotResource' : 'Resource'] = oneOrMany(g, resources(g, kind, notResource, version))
	const c = conditions(g, version)
	if (Object.keys(c).length) s.Condition = c
	return s
}

function policy(g, kind, most = 3, only = undefined) {
	const version = g.chance(0.85)
	const d = version ? { Version: '2012-10-17' } : g.chance(0.5) ? { Version: '2008-10-17' } : {}
	d.Statement = Array.from({ length: 1 + g.number(most) }, () => statement(g, kind, version, only))
	if (d.Statement.length === 1 && g.chance(0.3)) d.Statement = d.Statement[0]
	return d
}

const ALLOW_ALL = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] }

export function world(g) {
	const w = { identity: Array.from({ length: 1 + g.number(2) }, () => policy(g, 'identity')) }
	if (g.chance(0.3))
		w.scps = ['root', 'ou', 'account'].slice(0, 1 + g.number(3)).map((node) => ({
			node, policies: g.chance(0.05) ? [] : g.chance(0.6) ? [ALLOW_ALL, policy(g, 'scp', 1)] : [policy(g, 'scp')]
		}))
	if (g.chance(0.25)) w.boundary = g.chance(0.3) ? ALLOW_ALL : policy(g, 'boundary')
	if (g.chance(0.1)) w.endpoint = g.chance(0.5) ? { ...ALLOW_ALL, Statement: [{ ...ALLOW_ALL.Statement[0], Principal: '*' }] } : policy(g, 'endpoint')
	if (g.chance(0.25)) {
		w.only = g.chance(0.4) ? g.pick([PRINCIPALS[0], PRINCIPALS[1], PRINCIPALS[3], PRINCIPALS[6]]) : undefined
		w.resource = policy(g, 'resource', 3, w.only)
	}
	else if (g.chance(0.2)) w.session = g.chance(0.3) ? ALLOW_ALL : policy(g, 'session') // session-policy-limits-resource-policy
	return w
}

function context(g) {
	const c = {}
	for (const [key, values] of Object.entries(VALUES))
		if (g.chance(key === 'ec2:osuser' ? 0.9 : 0.55)) c[g.chance(0.1) ? key.toLowerCase() : key] = g.pick(values)
	for (const [key, values] of Object.entries(MANY))
		if (g.chance(0.15)) {
			delete c[key]
			delete c[key.toLowerCase()]
			c[key] = [...new Set(g.some(values, 3))]
			if (c[key].length === 1) c[key] = c[key][0]
		}
	return c
}

export function request(g, w) {
	const action = w.resource ? 'sqs:SendMessage' : g.pick(ACTIONS)
	const account = g.chance(w.resource ? 0.25 : 0.08) ? OTHER : ACCOUNT
	let resource = instance(g.pick(INSTANCES), g.chance(0.85) ? 'eu-west-1' : 'us-east-1', account)
	if (action === 'ec2:DescribeInstances') resource = '*'
	if (action === EIC + 'OpenTunnel') resource = `arn:aws:ec2:eu-west-1:${account}:instance-connect-endpoint/eice-0123456789abcdef0`
	if (action === 'sqs:SendMessage') resource = `arn:aws:sqs:eu-west-1:${account}:jobs`
	const c = context(g), principal = w.only ?? g.pick(w.session ? PRINCIPALS.slice(2) : PRINCIPALS)
	if (resource === '*') for (const key of Object.keys(c)) if (/ResourceTag/i.test(key)) delete c[key] // tags-of-no-resource
	if (ROLE_OF[principal] || g.chance(0.6)) c['aws:PrincipalArn'] = ROLE_OF[principal] ?? principal // path-of-a-role
	return { principal, action, resource, account: resource === '*' ? ACCOUNT : account, context: c }
}

// Statements that differ in their conditions only, and these on two keys: much of it excludes or completes each other.
export function tight(g) {
	const keys = g.some(['ec2:osuser', 'aws:ResourceTag/Env', 'aws:SourceIp', 'aws:MultiFactorAuthPresent', 'aws:PrincipalTag/Env'], 2)
	const one = () => {
		for (;;) {
			const c = condition(g, true)
			if (keys.some((k) => k.toLowerCase() === c[1].toLowerCase())) return c
		}
	}
	const Statement = Array.from({ length: 2 + g.number(3) }, () => {
		const Condition = {}
		for (let n = 1 + g.number(3); n > 0; n--) {
			const [name, key, values] = one()
			Condition[name] = { [key]: values }
		}
		return { Effect: g.chance(0.65) ? 'Allow' : 'Deny', Action: '*', Resource: '*', Condition }
	})
	return { identity: [{ Version: '2012-10-17', Statement }] }
}
