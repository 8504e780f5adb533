/** What the panel beside a room shows, one section at a time. A part of the chat adds its section to the list. */
import type { Component } from 'svelte';
import type { IconName } from '$lib/components/Icon.svelte';
import RoomModeration from '$lib/components/RoomModeration.svelte';
import RoomAbout from '$lib/components/RoomAbout.svelte';
import RoomDuties from '$lib/components/RoomDuties.svelte';
import RoomExport from '$lib/components/RoomExport.svelte';
import RoomNotices from '$lib/components/RoomNotices.svelte';
import RoomPeople from '$lib/components/RoomPeople.svelte';
import RoomTopics from '$lib/components/RoomTopics.svelte';
import RoomFiles from '$lib/components/RoomFiles.svelte';
import RoomPins from '$lib/components/RoomPins.svelte';
import type { Conversation } from './conversation.svelte';
import { mayExport } from './exporting';
import { mayModerate } from './removed';

export interface RoomSection {
  id: string;
  title: string;
  icon: IconName;
  component: Component<{ conversation: Conversation }>;
  fits: (conversation: Conversation, may: (permission: string) => boolean) => boolean;
}

export const roomSections: RoomSection[] = [
  { id: 'people', title: 'People', icon: 'people', component: RoomPeople, fits: () => true },
  { id: 'pins', title: 'Pins', icon: 'pin', component: RoomPins, fits: () => true },
  { id: 'files', title: 'Files', icon: 'clip', component: RoomFiles, fits: (_, may) => may('chat:file:read') },
  { id: 'topics', title: 'Topics', icon: 'list', component: RoomTopics, fits: (_, may) => may('chat:topic:read') },
  {
    id: 'notices',
    title: 'Notifications',
    icon: 'bell',
    component: RoomNotices,
    fits: (_, may) => may('chat:notice:change'),
  },
  { id: 'summaries', title: 'Summaries', icon: 'clock', component: RoomDuties, fits: (_, may) => may('ai:duty:read') },
  { id: 'export', title: 'Export', icon: 'down', component: RoomExport, fits: mayExport },
  {
    id: 'moderation',
    title: 'Moderation',
    icon: 'shield',
    component: RoomModeration,
    fits: ({ room }, may) => may('chat:moderation:manage') && room?.kind !== 'direct' && mayModerate(room),
  },
  { id: 'about', title: 'About', icon: 'info', component: RoomAbout, fits: () => true },
];
