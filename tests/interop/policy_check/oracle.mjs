// oracle.mjs - the peer's engine: @cloud-copilot/iam-simulate, called as its own entry point calls it
import { pathToFileURL } from 'node:url'
import path from 'node:path'

const root = path.join(process.env.PEER, 'node_modules/@cloud-copilot')
const load = (file) => import(pathToFileURL(path.join(root, file)).href)
const engine = 'iam-simulate/dist/esm/'
const { loadPolicy } = await load('iam-policy/dist/esm/index.js')
const { authorize } = await load(engine + 'core_engine/CoreSimulatorEngine.js')
const { AwsRequestImpl } = await load(engine + 'request/request.js')
const { RequestContextImpl } = await load(engine + 'requestContext.js')
const { DiscoveryContextKeyConstraints } = await load(engine + 'context_keys/discoveryContextKeyConstraints.js')

// The peer's data has no ec2:osuser: on its side the key is one that it knows.
const swap = (value) => JSON.parse(JSON.stringify(value ?? null).replaceAll(/ec2:osuser/gi, 'aws:PrincipalTag/osuser'))
const policy = (document, name) => loadPolicy(swap(document), { name })
const list = (documents) => documents.map((d, i) => policy(d, `p${i}`))
const nodes = (levels) => levels.map((l) => ({ orgIdentifier: l.node, policies: list(l.policies) }))

const names = { Allowed: 'allowed', ImplicitlyDenied: 'implicitDeny', ExplicitlyDenied: 'explicitDeny' }

// world: {identity, scps, boundary, session, endpoint, resource}; request: {principal, action, resource, account, context}
export function decide(world, request) {
	const answer = authorize({
		request: new AwsRequestImpl(request.principal, { resource: request.resource, accountId: request.account }, request.action,
			new RequestContextImpl(swap(request.context)), request.resource === '*'),
		sessionPolicy: world.session ? policy(world.session, 'session') : undefined,
		identityPolicies: list(world.identity),
		serviceControlPolicies: nodes(world.scps ?? []),
		resourceControlPolicies: [],
		resourcePolicy: world.resource ? policy(world.resource, 'resource') : undefined,
		permissionBoundaries: world.boundary ? [policy(world.boundary, 'boundary')] : undefined,
		vpcEndpointPolicies: world.endpoint ? [policy(world.endpoint, 'endpoint')] : undefined,
		simulationParameters: {
			simulationMode: 'Strict',
			discoveryContextKeyConstraints: new DiscoveryContextKeyConstraints([])
		}
	})
	return names[answer.result] ?? answer.result
}
