/** Drawings on the chart: shows those of a store, and tells what a person does to them with mouse or finger. */
import type { Chart, Overlay, OverlayCreate } from 'klinecharts';
import type { Drawing } from '$lib/api/types';
import { readColours } from '../colours';
import { shade, toolOf, type DrawingKind, type Point, type Style } from './model';
import { overlayName, registerDrawings, type Look } from './overlays';

const GROUP = 'drawings';
const DRAFT = 'drawing.draft';

export interface LayerEvents {
  /** One is drawn: its points are placed. */
  onDrawn(kind: DrawingKind, points: Point[]): void;
  /** How many points of the one being drawn are placed. */
  onPlaced(kind: DrawingKind, placed: number): void;
  onSelected(id: string | null): void;
  onDragging(id: string, points: Point[]): void;
  /** Let go; null where nothing was moved. */
  onDropped(id: string, points: Point[] | null): void;
}

function pointsOf(overlay: Overlay<unknown>): Point[] {
  return overlay.points.map((point) => ({ time: Math.round(point.timestamp ?? 0), price: point.value ?? 0 }));
}

export class DrawingLayer {
  #chart: Chart;
  #events: LayerEvents;
  #shown = new Map<string, string>();
  #held: { id: string; before: string } | null = null;
  #selected: string | null = null;
  #dark = false;
  #magnet = true;
  #locked = false;

  constructor(chart: Chart, events: LayerEvents) {
    this.#chart = chart;
    this.#events = events;
    registerDrawings();
  }

  setMagnet(on: boolean): void {
    this.#magnet = on;
    for (const id of this.#shown.keys()) this.#chart.overrideOverlay({ id, mode: this.#mode });
  }

  get #mode(): 'weak_magnet' | 'normal' {
    return this.#magnet ? 'weak_magnet' : 'normal';
  }

  /** Show exactly these; `until` hides those that reach past a moment, `locked` lets nobody move them. */
  show(drawings: readonly Drawing[], options: { dark: boolean; locked: boolean; until: number | null }): void {
    const { dark, locked, until } = options;
    const redraw = dark !== this.#dark || locked !== this.#locked;
    [this.#dark, this.#locked] = [dark, locked];
    const gone = new Set(this.#shown.keys());
    for (const drawing of drawings) {
      gone.delete(drawing.id);
      const visible = until === null || drawing.points.every((point) => point.time <= until);
      const said = JSON.stringify([drawing.points, drawing.style, drawing.text, visible]);
      if (!redraw && this.#shown.get(drawing.id) === said) continue;
      // What one holds is where one holds it.
      if (this.#held?.id === drawing.id) continue;
      const known = this.#shown.has(drawing.id);
      this.#shown.set(drawing.id, said);
      const overlay = this.#overlay(drawing, visible);
      if (known) this.#chart.overrideOverlay(overlay);
      else this.#chart.createOverlay(overlay as OverlayCreate);
    }
    for (const id of gone) this.#remove(id);
  }

  /** Begin to draw: the next clicks place its points. */
  begin(kind: DrawingKind, style: Style): void {
    this.cancel();
    this.#chart.createOverlay({
      ...{ name: overlayName(kind), id: DRAFT, groupId: GROUP, mode: this.#mode },
      extendData: this.#look(style, ''),
      onDrawing: ({ overlay }) => this.#events.onPlaced(kind, Math.max(0, overlay.currentStep - 1)),
      onDrawEnd: ({ overlay }) => {
        const points = pointsOf(overlay).slice(0, toolOf(kind).clicks.length);
        // It stays until the drawing that is made of it is there.
        this.#events.onDrawn(kind, points);
      },
    } as OverlayCreate);
    this.#events.onPlaced(kind, 0);
  }

  /** Whether there was something begun, which is gone now. */
  cancel(): boolean {
    const drafts = this.#chart.getOverlays({ id: DRAFT });
    this.#chart.removeOverlay({ id: DRAFT });
    return drafts.length > 0;
  }

  get selected(): string | null {
    return this.#selected;
  }

  #overlay(drawing: Drawing, visible: boolean): OverlayCreate & { id: string } {
    const { id } = drawing;
    return {
      ...{ name: overlayName(drawing.kind), id, groupId: GROUP, visible },
      ...{ mode: this.#mode, lock: this.#locked },
      points: drawing.points.map(({ time, price }) => ({ timestamp: time, value: price })),
      extendData: this.#look(drawing.style, drawing.text),
      onSelected: () => this.#select(id),
      onDeselected: () => this.#selected === id && this.#select(null),
      // The library would take it away.
      onRightClick: (event) => event.preventDefault?.(),
      onPressedMoveStart: ({ overlay }) => {
        this.#held = { id, before: JSON.stringify(pointsOf(overlay)) };
      },
      onPressedMoving: ({ overlay }) => this.#events.onDragging(id, pointsOf(overlay)),
      onPressedMoveEnd: ({ overlay }) => this.#drop(id, pointsOf(overlay)),
    };
  }

  #look(style: Style, text: string): Look {
    const colours = readColours();
    const { up, down, raised } = colours;
    return { style, text, colour: shade(style.colour, this.#dark), background: raised, up, down };
  }

  #drop(id: string, points: Point[]): void {
    const held = this.#held;
    this.#held = null;
    if (held?.id !== id) return;
    const moved = held.before !== JSON.stringify(points);
    // What the store says next is drawn, whatever was shown before.
    if (moved) this.#shown.set(id, '');
    this.#events.onDropped(id, moved ? points : null);
  }

  #select(id: string | null): void {
    this.#selected = id;
    this.#events.onSelected(id);
  }

  #remove(id: string): void {
    this.#shown.delete(id);
    this.#chart.removeOverlay({ id });
    if (this.#held?.id === id) this.#held = null;
    if (this.#selected === id) this.#select(null);
  }
}
