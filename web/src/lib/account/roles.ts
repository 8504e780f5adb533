/** Roles and scopes in plain words. The server's table decides what they may; this only says it. */
export const ROLES: Record<string, { name: string; words: string }> = {
  owner: { name: 'Owner', words: 'May do everything, and hand the organisation over.' },
  admin: { name: 'Admin', words: 'Manages people, plan and model server.' },
  analyst: { name: 'Analyst', words: 'Works with markets, conversations and the replay.' },
  member: { name: 'Member', words: 'Works with markets, conversations and the replay.' },
  viewer: { name: 'Viewer', words: 'Reads, and changes nothing.' },
  guest: { name: 'Guest', words: 'Sees one room, and the markets that are talked about in it.' },
};

/** What one may make somebody: the owner changes by transfer alone, and a guest is invited to a room. */
export const GIVEN = ['admin', 'analyst', 'member', 'viewer'] as const;
export type GivenRole = (typeof GIVEN)[number];

/** What a key for programs can be for, in groups. */
export const SCOPES: { group: string; scopes: { scope: string; words: string }[] }[] = [
  {
    group: 'Markets',
    scopes: [
      { scope: 'charts:instrument:read', words: 'Find instruments' },
      { scope: 'charts:instrument:manage', words: 'Change and remove instruments' },
      { scope: 'charts:import:read', words: 'See imports' },
      { scope: 'charts:import:create', words: 'Import files of prices' },
      { scope: 'charts:bars:read', words: 'Read prices' },
      { scope: 'charts:indicator:read', words: 'Read indicators' },
      { scope: 'charts:replay:read', words: 'See the replay' },
      { scope: 'charts:replay:control', words: 'Control the replay' },
    ],
  },
  {
    group: 'Charts',
    scopes: [
      { scope: 'charts:drawing:read', words: 'See drawings' },
      { scope: 'charts:drawing:change', words: 'Draw on charts' },
      { scope: 'charts:formula:evaluate', words: 'Evaluate formulas' },
      { scope: 'charts:layout:read', words: 'See layouts' },
      { scope: 'charts:layout:change', words: 'Keep layouts' },
      { scope: 'charts:watchlist:read', words: 'See watchlists' },
      { scope: 'charts:watchlist:change', words: 'Change watchlists' },
      { scope: 'charts:picture:read', words: 'Get pictures of charts' },
      { scope: 'charts:share:read', words: 'See shared charts' },
      { scope: 'charts:share:create', words: 'Share charts by links' },
      { scope: 'charts:share:post', words: 'Show charts in conversations' },
      { scope: 'charts:share:revoke', words: 'End the sharing of charts' },
    ],
  },
  {
    group: 'Conversations',
    scopes: [
      { scope: 'chat:room:read', words: 'See conversations' },
      { scope: 'chat:message:read', words: 'Read messages' },
      { scope: 'chat:message:post', words: 'Post messages' },
      { scope: 'chat:room:create', words: 'Begin conversations' },
      { scope: 'chat:room:update', words: 'Rename and archive conversations' },
      { scope: 'chat:member:read', words: 'See who takes part' },
      { scope: 'chat:member:manage', words: 'Add and remove who takes part' },
      { scope: 'chat:reply:stop', words: 'Stop answers' },
      { scope: 'chat:reply:retry', words: 'Ask for answers again' },
      { scope: 'realtime:socket:open', words: 'Follow what happens on the realtime socket' },
    ],
  },
  {
    group: 'Organisation',
    scopes: [
      { scope: 'auth:me:read', words: 'Read my profile' },
      { scope: 'auth:session:read', words: 'See my sessions' },
      { scope: 'auth:api_key:read', words: 'See my keys' },
      { scope: 'auth:organisation:read', words: 'See the organisation' },
      { scope: 'auth:organisation:update', words: 'Rename the organisation' },
      { scope: 'auth:member:read', words: 'See its people' },
      { scope: 'ai:mode:read', words: 'See how the AI answers' },
      { scope: 'ai:model_server:read', words: 'See the model server' },
      { scope: 'ai:model_server:manage', words: 'Set the model server' },
      { scope: 'audit:entry:read', words: 'Read and prove the audit log' },
      { scope: 'audit:report:read', words: 'Make compliance reports' },
    ],
  },
];
