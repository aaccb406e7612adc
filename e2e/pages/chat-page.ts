import { readFile } from 'node:fs/promises';
import { expect, type Locator, type Page } from '@playwright/test';

/** The Chat panel, by roles and labels; the state and the newest answer by test id. */
export class ChatPage {
  readonly page: Page;
  readonly panel: Locator;
  readonly state: Locator;
  readonly input: Locator;
  readonly sendButton: Locator;
  readonly stopButton: Locator;
  readonly messages: Locator;
  /** Of the shown versions, from the top down. */
  readonly questions: Locator;
  readonly answers: Locator;
  /** The text of the answer at the end. */
  readonly answer: Locator;
  /** The same token by token, where probabilities are shown. */
  readonly tokenText: Locator;
  readonly starters: Locator;
  readonly newestButton: Locator;
  readonly tokensSwitch: Locator;
  readonly thinkingSwitch: Locator;
  readonly adapterSwitch: Locator;
  readonly modelButton: Locator;
  readonly modelDialog: Locator;
  readonly settingsButton: Locator;
  readonly settings: Locator;
  readonly list: Locator;
  readonly popover: Locator;

  constructor(page: Page) {
    this.page = page;
    this.panel = page.getByRole('main', { name: 'Chat' });
    this.state = page.getByTestId('chat-state');
    this.input = this.panel.getByRole('textbox', { name: 'Your message' });
    this.sendButton = this.panel.getByRole('button', { name: 'Send' });
    this.stopButton = this.panel.getByRole('button', { name: 'Stop' });
    this.messages = page.getByTestId('chat-messages');
    this.questions = this.messages.getByRole('article', { name: 'Your question' });
    this.answers = this.messages.getByRole('article', { name: /^Answer by / });
    this.answer = page.getByTestId('chat-answer');
    this.tokenText = this.answer.getByRole('group', { name: /^The answer, token by token/ });
    this.starters = this.messages.locator('.first-questions').getByRole('button');
    this.newestButton = this.panel.getByRole('button', { name: 'To the newest' });
    this.tokensSwitch = this.panel.getByRole('switch', { name: 'Token probabilities' });
    this.thinkingSwitch = this.panel.getByRole('switch', { name: /^Thinking/ });
    this.adapterSwitch = this.panel.getByRole('switch', { name: /^Adapter/ });
    this.modelButton = this.panel.getByRole('button', { name: /^With:/ });
    this.modelDialog = page.getByRole('dialog', { name: 'Chat with' });
    this.settingsButton = this.panel.getByRole('button', { name: 'Settings' });
    this.settings = page.getByRole('dialog', { name: 'Settings' });
    this.list = page.getByRole('region', { name: 'Conversations' });
    this.popover = page.getByTestId('token-popover');
  }

  /** With the scripted engine in that state, and its model loaded. */
  async load(state = ''): Promise<void> {
    await this.page.goto(`/?engine=scripted&state=${state}#/chat`);
    await expect(this.page.getByRole('button', { name: /^Model: .*ready/ })).toBeVisible();
  }

  async ask(text: string): Promise<void> {
    await this.input.fill(text);
    await this.input.press('Enter');
  }

  /** The answer under way is over. */
  async untilAnswered(): Promise<void> {
    await expect(this.state).toContainText('Answered');
  }

  async askAndWait(text: string): Promise<void> {
    await this.ask(text);
    await expect(this.questions.last()).toContainText(text);
    await this.untilAnswered();
  }

  /** @param server  what is left out stays as the form has it */
  async chooseServer(server: { readonly url?: string; readonly model: string; readonly key?: string }): Promise<void> {
    const { url, model, key } = server;
    await this.modelButton.click();
    await this.modelDialog.getByRole('radio', { name: 'A server' }).check();
    if (url !== undefined) await this.modelDialog.getByRole('textbox', { name: 'Address' }).fill(url);
    await this.modelDialog.getByRole('textbox', { name: 'Model' }).fill(model);
    if (key !== undefined) await this.modelDialog.getByLabel('Key', { exact: true }).fill(key);
    await this.page.keyboard.press('Escape');
  }

  async closeSettings(): Promise<void> {
    await this.page.keyboard.press('Escape');
    await expect(this.settings).toBeHidden();
  }

  async openSettings(): Promise<void> {
    await this.settingsButton.click();
    await this.settings.waitFor();
  }

  async limitAnswers(numTokens: number): Promise<void> {
    await this.openSettings();
    await this.settings.getByRole('button', { name: /^Length/ }).click();
    await this.settings.getByRole('textbox', { name: 'Answer at most' }).fill(String(numTokens));
    await this.closeSettings();
  }

  /** "2 / 3", beside the last answer or question that has versions. */
  versionsOf(what: 'question' | 'answer'): Locator {
    return this.messages.getByRole('group', { name: `Versions of this ${what}` }).last();
  }

  row(name: string): Locator {
    return this.list.getByRole('listitem').filter({ hasText: name });
  }

  async menu(name: string, item: string): Promise<void> {
    await this.list.getByRole('button', { name: `More: ${name}` }).click();
    await this.page.getByRole('menuitem', { name: item }).click();
  }

  /** What a conversation's menu saves. */
  async exported(name: string, item: string): Promise<string> {
    const download = this.page.waitForEvent('download');
    await this.menu(name, item);
    return readFile(await (await download).path(), 'utf8');
  }

  async importText(fileName: string, text: string): Promise<void> {
    const file = { name: fileName, mimeType: 'application/json', buffer: Buffer.from(text) };
    await this.list.getByLabel('Conversation file').setInputFiles(file);
  }
}
