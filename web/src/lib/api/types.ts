/** The server's types by their plain names. All come from the generated schema but those that only the socket carries. */
import type { components } from './schema';

type Schemas = components['schemas'];

export type Me = Schemas['Me'];
export type Session = Schemas['Session'];
export type FactorNeeded = Schemas['FactorNeeded'];
export type ConfirmationSent = Schemas['ConfirmationSent'];
export type OpenSession = Schemas['OpenSession'];
export type ApiKey = Schemas['ApiKey'];
export type NewApiKey = Schemas['NewApiKey'];
export type Factors = Schemas['Factors'];
export type Passkey = Schemas['Passkey'];
export type Device = Schemas['Device'];
export type Identity = Schemas['Identity'];
export type TotpOffer = Schemas['TotpOffer'];
export type ProviderView = Schemas['ProviderView'];
export type StepUp = Schemas['StepUp'];
export type MyOrganisation = Schemas['MyOrganisation'];
export type OrganisationView = Schemas['OrganisationView'];
export type MemberView = Schemas['MemberView'];
export type Invitation = Schemas['Invitation'];
export type InvitationLook = Schemas['InvitationLook'];
export type AuditEntry = Schemas['AuditEntry'];
export type AuditRecord = Schemas['AuditRecord'];
export type ComplianceReport = Schemas['ComplianceReport'];
export type InclusionProof = Schemas['InclusionProof'];
export type SignedCheckpoint = Schemas['SignedCheckpoint'];
export type Instrument = Schemas['Instrument'];
export type BarSeries = Schemas['BarSeries'];
export type Quote = Schemas['Quote'];
export type FeedStatus = Schemas['FeedStatus'];
export type SharedChart = Schemas['SharedChart'];
export type IndicatorInfo = Schemas['IndicatorInfo'];
export type IndicatorSeries = Schemas['IndicatorSeries'];
export type FormulaCheck = Schemas['FormulaCheck'];
export type FormulaProblem = Schemas['FormulaProblem'];
export type FormulaResult = Schemas['FormulaResult'];
export type FormulaWord = Schemas['FormulaWord'];
export type FormulaExplanation = Schemas['FormulaExplanation'];
export type Quality = Schemas['Quality'];
export type ChartLayout = Schemas['ChartLayout'];
export type Layout = Schemas['Layout'];
export type LayoutList = Schemas['LayoutList'];
export type LayoutSummary = Schemas['LayoutSummary'];
export type Watchlist = Schemas['Watchlist'];
export type WatchlistView = Schemas['WatchlistView'];
export type NewShare = Schemas['NewShare'];
export type Share = Schemas['Share'];
export type Replay = Schemas['Replay'];
export type Drawing = Schemas['Drawing'];
export type DrawingList = Schemas['DrawingList'];
export type DrawingVersion = Schemas['DrawingVersion'];
export type Room = Schemas['Room'];
export type Topic = Schemas['Topic'];
export type Duty = Schemas['Duty'];
export type OpenRoom = Schemas['OpenRoom'];
export type FoundPerson = Schemas['FoundPerson'];
export type RoomLink = Schemas['RoomLink'];
export type LinkLook = Schemas['LinkLook'];
export type Member = Schemas['Member'];
export type Message = Schemas['Message'];
export type Keeping = Schemas['Keeping'];
export type Hold = Schemas['Hold'];
export type HeldRoom = Schemas['HeldRoom'];
export type HeldMessage = Schemas['HeldMessage'];
export type Ban = Schemas['Ban'];
export type Case = Schemas['Case'];
export type UnwantedWord = Schemas['UnwantedWord'];
export type MessageVersion = Schemas['MessageVersion'];
export type Mention = Schemas['Mention'];
export type SavedDraft = Schemas['SavedDraft'];
export type LaterMessage = Schemas['LaterMessage'];
export type SlashCommandView = Schemas['SlashCommandView'];
export type Reaction = Schemas['Reaction'];
export type ReactionPeople = Schemas['ReactionPeople'];
export type QuotedMessage = Schemas['QuotedMessage'];
export type Answer = Schemas['Answer'];
export type Source = Schemas['Source'];
export type Figure = Schemas['Figure'];
export type ChartCard = Schemas['ChartCard'];
export type LinkPreview = Schemas['LinkPreview'];
export type FoundMessage = Schemas['FoundMessage'];
export type FoundFragment = Schemas['FoundFragment'];
export type Notice = Schemas['Notice'];
export type NoticeChoice = Schemas['NoticeChoice'];
export type Place = Schemas['Place'];
export type News = Schemas['News'];
export type Unread = Schemas['Unread'];
export type UnreadTopic = Schemas['UnreadTopic'];
export type PersonUpdate = Schemas['PersonUpdate'];
export type Receipts = Schemas['Receipts'];
export type SeenPage = Schemas['SeenPage'];
export type Presence = Schemas['Presence'];
export type PresenceUpdate = Schemas['PresenceUpdate'];
export type Standing = Schemas['Standing'];
export type Typing = Schemas['Typing'];
export type Typist = Schemas['Typist'];
export type HistoryPage = Schemas['HistoryPage'];
export type ModelServerView = Schemas['ModelServerView'];
export type Trial = Schemas['Trial'];
export type FoundServer = Schemas['FoundServer'];

export type FactorKind = 'password' | 'totp' | 'passkey' | 'recovery_code';

export type Timeframe = '1m' | '5m' | '15m' | '1h' | '4h' | '1d' | '1w' | '1M';

/** What a room's topic carries; which fields there are depends on the kind. */
export type RoomUpdate = Pick<Schemas['RoomUpdate'], 'kind'> & Partial<Schemas['RoomUpdate']>;

/** What a quotes topic carries: the bar that moves. `time` is its open, in milliseconds. */
export interface LiveBar {
  symbol: string;
  timeframe: Timeframe;
  time: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  closed: boolean;
  replayed: boolean;
  speed?: number;
  /** The price of the newest trade or quote: a live feed says it, a replay does not. */
  price?: number | null;
}

/** What a bars topic carries: the newest bar of its timeframe as a live feed has it, and the one that closed before. */
export interface FedBar extends LiveBar {
  last_closed: Pick<LiveBar, 'time' | 'open' | 'high' | 'low' | 'close' | 'volume'> | null;
}

/** What a studies topic carries: an indicator at the newest closed bar. */
export interface FedStudy {
  time: number;
  values: Record<string, number | null>;
}

/** How prices are read: as recorded, without the jumps of splits, or without those of dividends too. */
export type Adjustment = Schemas['ChartLayout']['adjustment'];

/** What a person's own topic carries. */
export interface UserUpdate {
  kind: string;
}
export type PriceVolumes = Schemas['PriceVolumes'];
export type Import = Schemas['Import'];
export type ImportedFile = Schemas['ImportedFile'];
export type MessageFile = Schemas['MessageFile'];
export type RoomFile = Schemas['RoomFile'];
